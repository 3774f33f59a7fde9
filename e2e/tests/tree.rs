//! The page for screen readers: Chromium's accessibility tree in several states.

use std::collections::BTreeMap;

use antes_e2e::{Engine, Key, Page, Result, Visitor, ensure};
use serde_json::{Value, json};

/// The roles that the accessibility tree gives to controls.
const CONTROLS: [&str; 17] = [
    "button",
    "checkbox",
    "combobox",
    "DisclosureTriangle",
    "DisclosureTriangleGrouped",
    "link",
    "listbox",
    "menuitem",
    "menuitemcheckbox",
    "menuitemradio",
    "option",
    "radio",
    "searchbox",
    "slider",
    "switch",
    "tab",
    "textbox",
];

/// The roles of groups whose controls are distinguished by their names.
const GROUPS: [&str; 12] = [
    "banner",
    "dialog",
    "form",
    "group",
    "list",
    "listbox",
    "main",
    "menu",
    "navigation",
    "radiogroup",
    "region",
    "RootWebArea",
];

/// A node of the accessibility tree.
struct Node<'a> {
    told: &'a Value,
}

impl<'a> Node<'a> {
    fn text(&self, what: &str) -> &'a str {
        self.told[what]["value"].as_str().unwrap_or_default()
    }

    fn has(&self, property: &str) -> bool {
        let all = self.told["properties"].as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().any(|it| it["name"] == property && it["value"]["value"] == true)
    }

    fn is_ignored(&self) -> bool {
        self.told["ignored"] == true
    }
}

/// The group that contains a node.
fn group_of<'a>(node: &Node<'a>, nodes: &BTreeMap<&'a str, Node<'a>>) -> &'a str {
    let mut above = node.told["parentId"].as_str();
    while let Some(node) = above.and_then(|id| nodes.get(id)) {
        if GROUPS.contains(&node.text("role")) {
            break;
        }
        above = node.told["parentId"].as_str();
    }
    above.unwrap_or_default()
}

/// The faults of the current tree, one per line.
fn faults(tree: &[Value]) -> Vec<String> {
    let nodes: BTreeMap<_, _> = tree
        .iter()
        .map(|told| (told["nodeId"].as_str().unwrap_or_default(), Node { told }))
        .collect();
    let mut faults = Vec::new();
    let mut named = BTreeMap::new();
    for node in nodes.values().filter(|node| !node.is_ignored()) {
        let (role, name) = (node.text("role"), node.text("name"));
        let is_control = CONTROLS.contains(&role);
        if node.has("focusable") && !is_control && !GROUPS.contains(&role) {
            faults.push(format!("{name:?} takes the focus as {role:?}"));
        }
        let is_figure =
            matches!(role, "image" | "SvgRoot" | "graphics-document" | "graphics-symbol");
        if (is_control || is_figure || node.has("focusable")) && name.trim().is_empty() {
            faults.push(format!("a {role} has no name"));
        }
        if is_control && role != "option" {
            *named.entry((group_of(node, &nodes), role, name)).or_insert(0) += 1;
        }
    }
    for ((group, role, name), count) in named.into_iter().filter(|(_, count)| *count > 1) {
        let group = nodes.get(group).map(|node| [node.text("role"), node.text("name")].join(" "));
        faults.push(format!("{count} of {role} {name:?} in {}", group.unwrap_or_default()));
    }
    faults
}

/// Fails with all faults of the current tree.
async fn is_well_told(page: &Page) -> Result<()> {
    let told = page.cdp().send_raw("Accessibility.getFullAXTree", json!({})).await?;
    let tree = told["nodes"].as_array().cloned().unwrap_or_default();
    ensure!(tree.len() > 20, "the browser tells of {} nodes", tree.len());
    let mut faults = faults(&tree);
    // A drawing is an image with a name or a group of what can be acted on; all others are hidden.
    let bare = page
        .script(
            "return [...document.querySelectorAll('svg')]
                 .filter(it => it.checkVisibility() && !it.ownerSVGElement && !it.closest('[aria-hidden=true]') && !it.getAttribute('role'))
                 .map(it => 'a drawing is told: ' + it.outerHTML.slice(0, 90));",
        )
        .await?;
    faults.extend(serde_json::from_value::<Vec<String>>(bare)?);
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

#[test]
fn all_that_can_be_acted_on_has_a_role_and_a_name_of_its_own() -> Result<()> {
    for query in [
        "?lang=en",
        "?lang=pt&scenario=lock-through-a-leader-crash&t=3500000&select=40",
        "?lang=en&scenario=partition&t=2500000&stamps=vector",
        "?lang=en&scenario=leader-dies&do=c3@1000000&t=1500000",
        "?lang=en&embed=1&scenario=lock-and-queue&t=1200000",
    ] {
        for visitor in [Visitor::laptop(), Visitor::phone()] {
            visitor.visit(query, async |page| {
                page.unfold().await?;
                is_well_told(page).await
            })?;
        }
    }
    Ok(())
}

#[test]
fn panels_menus_and_recordings_are_told_as_well() -> Result<()> {
    let trace = concat!(env!("CARGO_MANIFEST_DIR"), "/traces/cluster.jsonl");
    Visitor::laptop().visit("?scenario=lock-and-queue&t=900000", async |page| {
        for panel in ["share", "help", "more", "find"] {
            page.click(&format!(".top [data-action={panel}]")).await?;
            page.find("dialog[open]").await?;
            is_well_told(page).await?;
            page.press(char::from(Key::Escape)).await?;
            page.wait_until("it is closed", async || Ok(page.count("dialog").await? == 0)).await?;
        }
        for (opener, inside) in [
            ("[data-action=node-menu][data-about='2']", "links"),
            ("[data-action=node-menu][data-about='1']", "sides"),
            (".flight", "drop"),
        ] {
            page.click(opener).await?;
            page.find(".menu").await?;
            is_well_told(page).await?;
            if inside != "drop" {
                page.click(&format!(".menu [data-action={inside}]")).await?;
                page.find(".menu").await?;
                is_well_told(page).await?;
            }
            page.press(char::from(Key::Escape)).await?;
        }
        page.open("?trace").await?;
        is_well_told(page).await?;
        page.find("input[type=file]").await?.send_keys(trace).await?;
        page.find("[data-node]").await?;
        page.press(char::from(Key::End)).await?;
        page.unfold().await?;
        is_well_told(page).await
    })
}

#[test]
fn a_bad_name_in_the_tree_is_found() -> Result<()> {
    Visitor::laptop().visit("?scenario=lock-and-queue&t=900000", async |page| {
        ensure!(page.engine() == Engine::Chromium, "only Chromium tells of its tree");
        for (damage, said) in [
            ("const it = document.querySelector('[data-action=step]'); it.removeAttribute('aria-label'); it.title = '';", "a button has no name"),
            (
                "for (const it of document.querySelectorAll('[data-node]')) it.setAttribute('aria-label', 'node');",
                "of button \"node\"",
            ),
            ("document.querySelector('.stage').tabIndex = 0;", "takes the focus"),
            ("document.querySelector('.track').removeAttribute('aria-hidden');", "a drawing is told"),
        ] {
            page.open("?scenario=lock-and-queue&t=900000").await?;
            is_well_told(page).await?;
            page.script(damage).await?;
            let Err(found) = is_well_told(page).await else {
                antes_e2e::bail!("{damage} is not found");
            };
            ensure!(found.to_string().contains(said), "{damage}: {found}");
        }
        Ok(())
    })
}
