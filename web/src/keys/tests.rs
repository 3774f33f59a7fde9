use super::*;

fn key(name: &str) -> Key<'_> {
    Key { name, shift: false, command: false, alt: false }
}

const BUTTON: Focus = Focus {
    role: Role::Button,
    by_keyboard: true,
    in_group: false,
    in_menu: false,
    scrolls: false,
};

#[test]
fn after_a_pointer_no_control_has_the_keys_of_time() {
    for role in [Role::Button, Role::List, Role::Slider, Role::Scrubber, Role::None, Role::Link] {
        for in_group in [false, true] {
            let focus = Focus { role, by_keyboard: false, in_group, ..BUTTON };
            for (name, ask) in [
                (" ", Ask::Time(Time::Toggle)),
                (".", Ask::Time(Time::Toggle)),
                ("ArrowRight", Ask::Time(Time::Step)),
                ("ArrowLeft", Ask::Time(Time::Back)),
            ] {
                assert_eq!(owner(focus, key(name)), Owner::Page(ask), "{focus:?} {name:?}");
            }
        }
    }
    let clicked = Focus { by_keyboard: false, ..BUTTON };
    assert_eq!(owner(clicked, key("Enter")), Owner::Nobody);
}

#[test]
fn a_control_that_was_reached_by_keyboard_has_the_keys_of_its_role() {
    assert_eq!(owner(BUTTON, key(" ")), Owner::Control);
    assert_eq!(owner(BUTTON, key("Enter")), Owner::Control);
    assert_eq!(owner(BUTTON, key("ArrowRight")), Owner::Page(Ask::Time(Time::Step)));
    assert_eq!(owner(BUTTON, key(".")), Owner::Page(Ask::Time(Time::Toggle)));
    let slider = Focus { role: Role::Slider, ..BUTTON };
    assert_eq!(owner(slider, key("ArrowRight")), Owner::Browser);
    assert_eq!(owner(slider, key(" ")), Owner::Page(Ask::Time(Time::Toggle)));
    let list = Focus { role: Role::List, ..BUTTON };
    assert_eq!(owner(list, key("ArrowDown")), Owner::Browser);
    let link = Focus { role: Role::Link, ..BUTTON };
    assert_eq!(owner(link, key(" ")), Owner::Page(Ask::Time(Time::Toggle)));
}

#[test]
fn in_groups_arrows_walk_and_in_a_menu_they_do_after_a_pointer_too() {
    let grouped = Focus { in_group: true, ..BUTTON };
    assert_eq!(owner(grouped, key("ArrowLeft")), Owner::Group(Way::Earlier));
    assert_eq!(owner(grouped, key("ArrowRight")), Owner::Group(Way::Later));
    let clicked = Focus { in_group: true, in_menu: true, by_keyboard: false, ..BUTTON };
    assert_eq!(owner(clicked, key("ArrowDown")), Owner::Group(Way::Down));
    assert_eq!(owner(clicked, key("ArrowRight")), Owner::Page(Ask::Time(Time::Step)));
}

#[test]
fn a_text_that_scrolls_keeps_the_upright_arrows() {
    let text = Focus { role: Role::None, in_group: true, scrolls: true, ..BUTTON };
    assert_eq!(owner(text, key("ArrowDown")), Owner::Browser);
    assert_eq!(owner(text, key("ArrowRight")), Owner::Group(Way::Later));
}

#[test]
fn shift_with_an_arrow_and_n_always_mean_time_but_where_text_is_typed() {
    for role in [Role::Button, Role::List, Role::Slider, Role::Scrubber, Role::None] {
        let focus = Focus { role, in_group: true, in_menu: true, ..BUTTON };
        let shifted = Key { shift: true, ..key("ArrowLeft") };
        assert_eq!(owner(focus, shifted), Owner::Page(Ask::Time(Time::JumpBack)), "{role:?}");
        assert_eq!(owner(focus, key("n")), Owner::Page(Ask::Time(Time::NextNote)), "{role:?}");
    }
    let text = Focus { role: Role::Text, ..BUTTON };
    assert_eq!(owner(text, key("n")), Owner::Browser);
    assert_eq!(owner(text, key("Escape")), Owner::Page(Ask::Close));
}

#[test]
fn the_scrubber_steps_by_event() {
    let scrubber = Focus { role: Role::Scrubber, ..BUTTON };
    for (name, ask) in [
        ("ArrowRight", Ask::Time(Time::Step)),
        ("ArrowUp", Ask::Time(Time::Step)),
        ("ArrowLeft", Ask::Time(Time::Back)),
        ("ArrowDown", Ask::Time(Time::Back)),
        ("PageUp", Ask::Time(Time::Jump)),
        ("PageDown", Ask::Time(Time::JumpBack)),
        ("Home", Ask::Time(Time::Reset)),
    ] {
        assert_eq!(owner(scrubber, key(name)), Owner::Page(ask.clone()), "{name}");
    }
}

#[test]
fn the_browsers_own_shortcuts_are_left_alone() {
    let reload = Key { command: true, ..key("r") };
    assert_eq!(owner(BUTTON, reload), Owner::Browser);
    assert_eq!(owner(BUTTON, key("Tab")), Owner::Browser);
}
