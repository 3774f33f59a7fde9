//! The page on unsuitable servers and in restricted frames: it runs, or says what is wrong.

use antes_e2e::{Host, Odd, Page, Pages, Result, Visitor, ensure, header, page_folder};

/// The page's policy, and a server header that forbids browsers to guess types.
fn server(policy: &str) -> Pages {
    let policy = policy.split_whitespace().collect::<Vec<_>>().join(" ");
    Pages::default()
        .folder("antes", &page_folder())
        .header(header::CONTENT_SECURITY_POLICY, &policy)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
}

fn usual() -> Pages {
    server(include_str!("../../web/policy.txt"))
}

/// Opens a page that has the run of this server in a frame with these attributes. The test continues in the
/// frame.
fn visit_framed(
    pages: Pages,
    attributes: &str,
    test: impl AsyncFnOnce(&Page) -> Result<()>,
) -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let server = Host::serve(pages).await?;
        let address = server.address("antes/index.html?embed=1&amp;scenario=leader-dies&amp;t=1.8s");
        let html = format!(
            "<!doctype html><meta charset=utf-8><title>Around</title><link rel=icon href=data:,>
             <script>heard = []; addEventListener('message', ({{ data }}) => heard.push(data))</script>
             <iframe src=\"{address}\" {attributes} width=900 height=560></iframe>"
        );
        let host = Host::serve(Pages::one(html)).await?;
        page.goto(host.address("")).await?;
        page.find("iframe").await?.enter_frame().await?;
        test(page).await?;
        // The browser's own messages on the console are not errors of the page.
        page.take_errors().await?;
        Ok(())
    })
}

async fn runs(page: &Page) -> Result<()> {
    page.find("[data-boot=ready] [data-node='4'][data-state=crashed]").await?;
    page.click("[data-node='4']").await?;
    page.find("[data-node='4'][data-state=alive]").await?;
    Ok(())
}

/// Fails unless the page shows this sentence and reports it to the host.
async fn says(page: &Page, sentence: &str) -> Result<()> {
    page.wait_for_text("#boot", sentence).await?;
    page.enter_default_frame().await?;
    page.wait_until("the page around it is told", async || {
        let told = page.script("return JSON.stringify(heard.filter(it => it.antes === 'error'))");
        Ok(told.await?.to_string().contains(&sentence[..sentence.len().min(20)]))
    })
    .await
}

#[test]
fn a_program_of_a_wrong_type_runs() -> Result<()> {
    visit_framed(usual().odd(".wasm", Odd::Type("application/octet-stream")), "", runs)?;
    visit_framed(usual().odd(".wasm", Odd::Type("text/plain")), "", runs)
}

#[test]
fn a_script_of_a_wrong_type_is_told() -> Result<()> {
    let pages = usual().odd("", Odd::Type("text/plain"));
    let pages = pages.odd(".html", Odd::Type("text/html")).odd(".css", Odd::Type("text/css"));
    // The page contains the first script. The server only spoils the program's script.
    visit_framed(boot_as_it_is(pages)?, "", async |page| {
        says(page, "this server sends a script as something else").await
    })
}

/// The script that starts the program, with its correct type.
fn boot_as_it_is(pages: Pages) -> Result<Pages> {
    let names =
        std::fs::read_dir(page_folder())?.filter_map(|it| it.ok()?.file_name().into_string().ok());
    let boot = names.into_iter().find(|name| name.starts_with("boot-")).unwrap_or_default();
    Ok(pages.odd(boot.leak(), Odd::Type("text/javascript")))
}

#[test]
fn a_page_in_place_of_the_program_is_told() -> Result<()> {
    visit_framed(usual().odd(".wasm", Odd::Html), "", async |page| {
        says(page, "in place of a part of its program, this server sends a web page").await
    })
}

#[test]
fn a_policy_without_webassembly_is_told() -> Result<()> {
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'";
    visit_framed(server(policy), "", async |page| says(page, "does not allow WebAssembly").await)
}

#[test]
fn a_frame_that_is_shut_off_says_so_at_once_or_runs_where_the_server_allows_it() -> Result<()> {
    let shut_off = r#"sandbox="allow-scripts""#;
    visit_framed(usual(), shut_off, async |page| {
        says(page, "This frame is sandboxed without").await
    })?;
    let open = usual().header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    visit_framed(open, shut_off, runs)
}

#[test]
fn a_browser_that_keeps_nothing_shows_the_run_as_well() -> Result<()> {
    let shut_off = r#"sandbox="allow-scripts""#;
    let open = usual().header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    visit_framed(open, shut_off, async |page| {
        runs(page).await?;
        // An opaque origin has no storage.
        let refused = page.script(
            "try { sessionStorage.length; return 'open' } catch (reason) { return reason.name }",
        );
        ensure!(refused.await? == "SecurityError", "it has storage");
        page.click("[data-action=step]").await?;
        ensure!(page.count(".trouble").await? == 0, "it complains");
        Ok(())
    })
}
