//! The texts of pictures, in both languages. Names of messages are not translated.

use core::fmt::Display;

use crate::language::Language;

/// A text in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(pub [&'static str; 2]);

macro_rules! words {
    ($($name:ident: $en:literal, $pt:literal;)*) => {
        $(
            #[doc = concat!("\"", $en, "\"")]
            pub const $name: Word = Word([$en, $pt]);
        )*

        #[cfg(test)]
        const ALL: &[Word] = &[$($name),*];
    };
}

words! {
    CLASSIC: "classic profile", "perfil clássico";
    CLUSTER: "A cluster of {0} nodes", "Um cluster de {0} nós";
    DIAGRAM: "Space-time diagram: one line a node, time to the right, arrows are messages.", "Diagrama espaço-tempo: uma linha por nó, o tempo para a direita, as setas são mensagens.";
    FIGURE: "Figure", "Figura";
    FIGURE_EVENTS: "{0} {0?event|events}", "{0} {0?evento|eventos}";
    FIGURE_LAMPORT: "Lamport stamps", "carimbos de Lamport";
    FIGURE_PROCESSES: "{0} {0?process|processes}", "{0} {0?processo|processos}";
    FIGURE_RECEIVES: "{0} receives {1}", "{0} recebe {1}";
    FIGURE_SENDS: "{0} sends {1}", "{0} envia {1}";
    FIGURE_VECTOR: "vector stamps", "carimbos vetoriais";
    FOLLOWS: "follows {0}", "segue {0}";
    FOLLOWS_NOBODY: "no leader", "sem líder";
    HARDENED: "hardened profile", "perfil robusto";
    HOLDS: "holds the lock", "tem a trava";
    HOLDS_TOKEN: "holds the lock ({0})", "tem a trava ({0})";
    INBOX: "{0} queued up", "{0} na fila de entrada";
    LAST_WRITE: "written by {0}", "escrito por {0}";
    NODE: "Node {0}: {1}.", "Nó {0}: {1}.";
    NODE_CLOCK: "clock {0}", "relógio {0}";
    NO_TOKEN: "no token", "sem token";
    NO_WRITE: "no write", "sem escrita";
    ON_THEIR_WAY: "Messages on their way: {0}.", "Mensagens a caminho: {0}.";
    REFUSED: "refused", "recusada";
    REFUSED_TOKEN: "{0} refused", "{0} recusada";
    RESOURCE: "resource", "recurso";
    ROLE_CANDIDATE: "candidate", "candidato";
    ROLE_COORDINATOR: "coordinator", "coordenador";
    ROLE_FOLLOWER: "follower", "seguidor";
    ROLE_LEADER: "leader", "líder";
    STATE_ALIVE: "alive", "vivo";
    STATE_CRASHED: "crashed", "fora do ar";
    STATE_PAUSED: "frozen", "congelado";
    STATE_STOPPED: "stopped", "parado";
    STATE_UNKNOWN: "unknown", "desconhecido";
    TOKEN: "token {0}", "token {0}";
    WAITS: "waits for the lock", "espera a trava";
    WAITS_FOR_MANY_OKS: "waits for OK of {0} nodes", "espera OK de {0} nós";
    WAITS_FOR_OK: "waits for OK of {0}", "espera OK de {0}";
}

impl Word {
    pub const fn say(self, language: Language) -> &'static str {
        self.0[language as usize]
    }

    /// The text in `language`, with `{0}`, `{1}`... replaced by `values`.
    pub fn fill(self, language: Language, values: &[&dyn Display]) -> String {
        fill(self.say(language), values)
    }
}

/// `text`, with `{0}`, `{1}`... replaced by `values`, and `{0?event|events}` by the first word if
/// the value is 1 and by the second one otherwise.
pub fn fill(text: &str, values: &[&dyn Display]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((place, after)) = from.split_once('}') else { break };
        let (place, words) = match place.split_once('?') {
            Some((place, words)) => (place, words.split_once('|')),
            None => (place, None),
        };
        let value = place.parse::<usize>().ok().and_then(|place| values.get(place));
        if let Some(value) = value.map(|value| value.to_string()) {
            filled.push_str(match words {
                Some((one, _)) if value == "1" => one,
                Some((_, other)) => other,
                None => &value,
            });
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_filled_in_the_order_of_its_language() {
        assert_eq!(fill("{0} calls {1}.", &[&1, &"two"]), "1 calls two.");
        assert_eq!(fill("{1} é chamado por {0}.", &[&1, &"dois"]), "dois é chamado por 1.");
    }

    #[test]
    fn both_languages_of_a_text_are_filled_with_the_same_things() {
        for Word([en, pt]) in ALL {
            assert_eq!(en.contains("{0}"), pt.contains("{0}"), "{en}");
            assert!(!pt.is_empty(), "{en} is not translated");
        }
    }
}
