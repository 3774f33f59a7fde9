use super::*;
use crate::control::{Key, from_key};

fn node(number: u8) -> NodeId {
    NodeId::new(number).unwrap()
}

#[test]
fn controls_ask_for_what_their_handles_say() {
    assert_eq!(from_control("play", ""), Some(Ask::Time(Time::Play)));
    assert_eq!(from_control("crash", "4"), Some(Ask::Act(Act::Do(Action::Crash(node(4))))));
    assert_eq!(from_control("seek", "1500"), Some(Ask::Time(Time::Seek(1500))));
    let one_and_three = [node(1), node(3)].into_iter().collect();
    assert_eq!(from_control("split", "1-1 3"), Some(Ask::Act(Act::Split(one_and_three))));
    let call = Action::Command { node: node(1), command: Command::Call { to: node(2) } };
    assert_eq!(from_control("call", "1-2"), Some(Ask::Act(Act::Do(call))));
}

#[test]
fn handles_that_make_no_sense_ask_for_nothing() {
    for (action, about) in
        [("crash", "17"), ("call", "1-1"), ("call", "1"), ("drop", "4"), ("seek", "x"), ("", "")]
    {
        assert_eq!(from_control(action, about), None, "{action} {about}");
    }
}

#[test]
fn digits_are_nodes_and_the_browsers_own_keys_are_left_alone() {
    let key = |name| Key { name, shift: false, command: false, alt: false };
    assert_eq!(from_key(key("4")), Some(Ask::Act(Act::Click(node(4)))));
    assert_eq!(from_key(key("9")), Some(Ask::Act(Act::Click(node(9)))));
    assert_eq!(from_key(key("0")), None);
    assert_eq!(from_key(key("Tab")), None);
    assert_eq!(from_key(Key { command: true, ..key("4") }), None);
    assert_eq!(from_key(Key { alt: true, ..key("ArrowLeft") }), None);
    assert_eq!(from_key(Key { command: true, ..key("z") }), Some(Ask::Undo));
    assert_eq!(from_key(Key { shift: true, ..key("ArrowLeft") }), Some(Ask::Time(Time::JumpBack)));
}
