use super::*;

fn read(text: &str) -> Result<Claim, Wrong> {
    read_claim(text, ClusterSize::new(4).expect("a size"))
}

#[test]
fn every_claim_is_written_as_it_is_read() {
    for text in [
        "leads 3",
        "leads none for 1.2s",
        "inside 1 2",
        "waits 2 3 for 7s",
        "down 4",
        "frozen none",
        "follows 1 -> 3",
        "follows 1 -> none",
        "term 3 = 2",
        "clock 1 = 4",
        "vector 1 = (2,1,0,0)",
        "token 1 = 2.1",
        "table 4 = none",
        "table 4 = free",
        "table 3 = recovering",
        "table 4 = 1, then 2 3",
        "table 4 = 1, then none",
        "awaits 1 COORDINATOR",
        "on-its-way GRANT 4 -> 1",
        "concurrent 1 2",
        "before 1 2",
        "keeps one-holder",
        "not enters 1",
        "sends OK 3 -> 2 stamp 4 vector (0,0,4,0) term 2 at 1.1s",
        "receives MESSAGE 1 -> 2",
        "loses GRANT 4 -> 1",
        "sends WRITE 1 -> resource token 1.1",
        "times-out 3 answers",
        "elects 1 cause suspicion",
        "wins 3 term 2",
        "enters 1 token 2.1",
        "writes 4 refused token 1.1",
        "cuts 1 -> 3",
        "heals 3 -> 1",
        "violates one-holder",
    ] {
        assert_eq!(read(text).map(|claim| claim.to_string()), Ok(text.to_string()));
    }
}

#[test]
fn a_wrong_claim_is_refused_with_what_would_be_right() {
    for (text, problem, remedy) in [
        ("", "the claim ends too early", "expected a claim such as \"leads 3\" or \"enters 1\""),
        ("lead 3", "no claim begins with \"lead\"", "did you mean \"leads\"?"),
        ("leads", "the claim ends too early", "expected a node, 1 to 4"),
        ("leads 5", "\"5\" is not understood in a claim", "expected a node, 1 to 4"),
        ("leads 3 now", "\"now\" is not understood in a claim", "expected \"leads 3\""),
        ("enters 1 tokn 1.1", "an event has no \"tokn\"", "did you mean \"token\"?"),
        ("sends GRAND 4 -> 1", "no message is of the type \"GRAND\"", "did you mean \"GRANT\"?"),
        (
            "keeps one-hodler",
            "\"one-hodler\" is not understood in a claim",
            "did you mean \"one-holder\"?",
        ),
        (
            "vector 1 = (1,0)",
            "\"(1,0)\" is not understood in a claim",
            "expected one count a node without spaces, such as (1,1,1,1)",
        ),
        (
            "times-out 3 anwsers",
            "\"anwsers\" is not understood in a claim",
            "did you mean \"answers\"?",
        ),
        (
            "elects 1 cause suspicon",
            "\"suspicon\" is not understood in a claim",
            "did you mean \"suspicion\"?",
        ),
        ("table 4 = 1", "the claim ends too early", "expected \"then\""),
    ] {
        let expected = Err((problem.to_string(), remedy.to_string()));
        assert_eq!(read(text), expected, "{text}");
    }
}
