//! Every text of the page, in both languages: the one place to translate it from.
//!
//! Names of messages (ELECTION, OK, GRANT...) stay as they are: they are what papers, traces and
//! scenario files call them.

use crate::language::Word;

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident: $en:literal, $pt:literal;)*) => {
        $(
            #[doc = concat!("\"", $en, "\"")]
            pub const $name: Word = Word { en: $en, pt: $pt };
        )*

        /// All of them, for tests.
        #[cfg(test)]
        const ALL: &[Word] = &[$($name),*];
    };
}

words! {
    // The header.
    ALGORITHM: "Algorithm", "Algoritmo";
    CLOCK: "Clock", "Relógio";
    LEADER: "Leader", "Líder";
    MUTEX: "Mutex", "Mutex";
    CLASSIC: "Classic", "Clássico";
    CLASSIC_HINT: "Classic profile: the algorithm as published, including how it fails", "Perfil clássico: o algoritmo como publicado, com as suas falhas";
    PROFILE: "Profile", "Perfil";
    HARDENED: "Hardened", "Reforçado";
    HARDENED_HINT: "Hardened profile: terms, majority, leases and fencing tokens", "Perfil reforçado: mandatos, maioria, prazos e fichas de acesso";
    SCENARIO: "Scenario", "Cenário";
    SHARE: "Share", "Compartilhar";
    LANGUAGE: "Português", "English";
    THEME: "Light or dark", "Claro ou escuro";
    HELP: "Keyboard and signs", "Teclado e sinais";
    MORE: "More", "Mais";

    // The transport bar.
    TIME: "Time", "Tempo";
    RESET: "Back to the start", "Voltar ao início";
    BACK: "Step back", "Passo atrás";
    PLAY: "Play", "Rodar";
    PAUSE: "Pause", "Pausar";
    STEP: "Step to the next event", "Avançar ao próximo evento";
    SCRUBBER: "Moment of the run", "Momento da execução";
    SPEED: "Speed", "Velocidade";
    NEW_SEED: "New seed: other random times", "Nova semente: outros tempos aleatórios";
    SEED: "seed {0}", "semente {0}";
    OF_RUN: "{0} of {1}", "{0} de {1}";

    // The ring.
    RING: "Ring of nodes", "Anel de nós";
    NODE: "Node {0}", "Nó {0}";
    ROLE_LEADER: "leader", "líder";
    ROLE_COORDINATOR: "coordinator", "coordenador";
    ROLE_CANDIDATE: "candidate", "candidato";
    ROLE_FOLLOWER: "follower", "seguidor";
    ROLE_PEER: "peer", "par";
    STATE_CRASHED: "crashed", "caído";
    STATE_PAUSED: "paused", "pausado";
    STATE_ALIVE: "alive", "vivo";
    FOLLOWS: "follows {0}", "segue {0}";
    FOLLOWS_NOBODY: "no leader", "sem líder";
    HOLDS: "holds the lock", "tem a trava";
    WAITS: "waits for the lock", "espera a trava";
    INBOX: "{0} queued up", "{0} na fila de entrada";
    QUEUE: "queue", "fila";
    QUEUE_EMPTY: "empty", "vazia";
    QUEUE_LABEL: "Lock table of node {0}: held by {1}; waiting: {2}", "Tabela da trava do nó {0}: com {1}; esperando: {2}";
    NOBODY: "nobody", "ninguém";
    RESOURCE: "resource", "recurso";
    NO_WRITE: "no write", "sem escrita";
    LAST_WRITE: "written by {0}", "escrito por {0}";
    TOKEN: "token {0}", "ficha {0}";
    RESOURCE_LABEL: "Shared resource: {0}", "Recurso compartilhado: {0}";
    NODE_LABEL: "Node {0}: {1}, clock {2}. Activate to crash it.", "Nó {0}: {1}, relógio {2}. Ative para derrubá-lo.";
    NODE_DOWN_LABEL: "Node {0}: crashed. Activate to restart it.", "Nó {0}: caído. Ative para reiniciá-lo.";
    NODE_MENU: "Actions of node {0}", "Ações do nó {0}";
    MESSAGE_LABEL: "{0} from node {1} to node {2}. Activate to act on it.", "{0} do nó {1} ao nó {2}. Ative para agir sobre ela.";
    WRITE_LABEL: "WRITE from node {0} to the resource. Activate to act on it.", "WRITE do nó {0} ao recurso. Ative para agir sobre ela.";
    MESSAGE_DIED: "{0} from node {1} to {2}, lost", "{0} do nó {1} a {2}, perdida";
    CLICK_HINT: "Click a node to crash it, click again to restart it. Click a message to freeze the world.", "Clique num nó para derrubá-lo, clique de novo para reiniciá-lo. Clique numa mensagem para congelar o mundo.";
    LOSES_ALL: "Node {0} loses everything it knew: {1}.", "O nó {0} perde tudo o que sabia: {1}.";
    LOSES_UNSAVED: "Node {0} has saved its clock ({1}), its term and its vote, and loses everything else it knew.", "O nó {0} gravou seu relógio ({1}), seu mandato e seu voto, e perde tudo o mais que sabia.";
    LOSES_UNSAVED_SUCH_AS: "Node {0} has saved its clock ({1}), its term and its vote, and loses everything else it knew: {2}.", "O nó {0} gravou seu relógio ({1}), seu mandato e seu voto, e perde tudo o mais que sabia: {2}.";
    LOSES_CLOCK: "its clock ({0}) starts at 0 again", "seu relógio ({0}) recomeça em 0";
    LOSES_LEADER: "that node {0} leads", "que o nó {0} lidera";
    LOSES_LEADERSHIP: "that it leads", "que ele lidera";
    LOSES_LOCK: "the lock it holds", "a trava que tem";
    LOSES_QUEUE: "the queue of the lock", "a fila da trava";
    LOSES_REQUESTS: "its requests for the lock", "seus pedidos da trava";

    // Menus.
    CRASH: "Crash", "Derrubar";
    RESTART: "Restart", "Reiniciar";
    FREEZE: "Pause: alive but silent", "Pausar: vivo, mas calado";
    RESUME: "Resume", "Retomar";
    ELECT: "Hold an election", "Convocar eleição";
    REQUEST: "Request the lock", "Pedir a trava";
    RELEASE: "Release the lock", "Soltar a trava";
    WRITE: "Write to the resource", "Escrever no recurso";
    LOCAL_EVENT: "Local event", "Evento local";
    CALL: "Call node {0}", "Chamar o nó {0}";
    SEND: "Send a message to node {0}", "Enviar mensagem ao nó {0}";
    ISOLATE: "Cut it off from the others", "Isolar dos outros";
    HEAL: "Mend all links", "Refazer todos os enlaces";
    INSPECT: "Inspect", "Inspecionar";
    DROP: "Drop", "Descartar";
    DELAY: "Delay by {0}", "Atrasar {0}";
    DUPLICATE: "Duplicate", "Duplicar";
    DELIVER: "Deliver now", "Entregar agora";
    CLOSE: "Close", "Fechar";
    UNDO: "Undo", "Desfazer";
    COPY: "Copy link", "Copiar link";
    COPIED: "Copied", "Copiado";
    SHARE_HINT: "This address brings back this very moment, with all that was done to the run.", "Este endereço traz de volta este exato momento, com tudo o que foi feito na execução.";

    // Narration.
    NARRATION: "Narration", "Narração";
    NEXT: "Next", "Próximo";
    POSITION: "{0} of {1}", "{0} de {1}";
    OTHER_PROFILE: "This scenario is told for the profile “{0}”. Here the same faults meet the profile “{1}”: it is not told what comes of them.", "Este cenário é narrado para o perfil “{0}”. Aqui as mesmas falhas encontram o perfil “{1}”: o que resulta delas não é narrado.";
    LOOK_FOR: "What to look for", "O que observar";
    SIMPLIFIES: "What the model simplifies", "O que o modelo simplifica";

    // The space-time diagram.
    DIAGRAM: "Space-time", "Espaço-tempo";
    STAMPS: "Stamps", "Carimbos";
    LAMPORT: "Lamport", "Lamport";
    VECTOR: "Vector", "Vetor";
    ZOOM_IN: "Zoom in", "Ampliar";
    ZOOM_OUT: "Zoom out", "Reduzir";
    FOLLOW: "Follow the run", "Acompanhar a execução";
    DIAGRAM_LABEL: "Space-time diagram: one line a node, time to the right, arrows are messages", "Diagrama espaço-tempo: uma linha por nó, o tempo para a direita, as setas são mensagens";
    EVENT_LABEL: "Event {0}: {1}", "Evento {0}: {1}";
    NOTHING_YET: "Nothing has happened yet. Press Play.", "Nada aconteceu ainda. Aperte Rodar.";
    PAST: "before", "antes";
    FUTURE: "after", "depois";
    CONCURRENT: "concurrent", "concorrente";
    CAUSALITY_COUNTS: "{0} events happened before it, {1} after it, {2} are concurrent with it.", "{0} eventos aconteceram antes dele, {1} depois, {2} são concorrentes com ele.";
    CAUSALITY_TRAP: "Node {0}'s event has L = {1} < {2}, yet neither happened before the other: they are concurrent.", "O evento do nó {0} tem L = {1} < {2}, mas nenhum aconteceu antes do outro: são concorrentes.";

    // The inspector.
    WHY: "Why", "Por quê";
    WHY_EVENT: "event {0}", "evento {0}";
    WHY_LATEST: "latest event", "último evento";
    WHY_NODE: "node {0}", "nó {0}";
    WHY_EMPTY: "Select an event or a node to see why.", "Selecione um evento ou um nó para ver o porquê.";
    RULE_RECEIVE: "The receipt takes the larger clock, and ticks:", "O recebimento toma o maior relógio, e conta:";
    RULE_SEND: "Each send ticks the clock:", "Cada envio avança o relógio:";
    RULE_LOCAL: "A local event ticks the clock:", "Um evento local avança o relógio:";
    RULE_UNCHANGED: "No event of logical time: the clock stays at {0}.", "Não é evento de tempo lógico: o relógio fica em {0}.";
    RULE_VECTOR: "Vector clock:", "Relógio vetorial:";
    CHANGED: "Changed", "Mudou";
    SENT: "Sent", "Enviou";
    TIMERS: "Timers", "Temporizadores";
    TIMER_SET: "{0}: {1}", "{0}: {1}";
    TIMER_CANCELLED: "{0}: cancelled", "{0}: cancelado";
    NO_TIMERS: "none", "nenhum";
    FIELD_STANDING: "follows", "segue";
    FIELD_CAMPAIGN: "election", "eleição";
    FIELD_TERM: "term", "mandato";
    FIELD_LOCK: "lock", "trava";
    FIELD_TABLE: "table", "tabela";
    FIELD_CLOCK: "clock", "relógio";
    FIELD_LIFE: "life", "vida";
    FIELD_STATE: "state", "estado";
    FIELD_VECTOR: "vector", "vetor";
    FIELD_INBOX: "queued up", "acumuladas";
    ITSELF: "itself", "a si mesmo";
    CAMPAIGN_IDLE: "none", "nenhuma";
    CAMPAIGN_ANSWERS: "waits for OK", "espera OK";
    CAMPAIGN_COORDINATOR: "waits for COORDINATOR", "espera COORDINATOR";
    CAMPAIGN_PROBING: "asks for a new term", "pede um novo mandato";
    CAMPAIGN_PROPOSING: "asks to be accepted", "pede para ser aceito";
    CAMPAIGN_RESTING: "will try again", "tentará de novo";
    LOCK_NONE: "none", "nenhuma";
    LOCK_WAITING: "waiting", "esperando";
    LOCK_HOLDING: "holding", "com ela";
    TABLE_HELD: "{0} holds, {1} wait", "{0} tem, {1} esperam";
    TABLE_FREE: "free", "livre";
    TABLE_NONE: "none", "nenhuma";
    TABLE_RECOVERING: "recovering: waits for reports", "recuperando: espera relatos";

    TIMER_CALL_WAIT: "next call", "próxima chamada";
    TIMER_CALL_REPLY: "reply", "resposta";
    TIMER_HEARTBEAT: "next heartbeat", "próximo sinal de vida";
    TIMER_SUSPICION: "suspicion", "suspeita";
    TIMER_POLL_WAIT: "next question", "próxima pergunta";
    TIMER_POLL_ANSWER: "answer of the leader", "resposta do líder";
    TIMER_ANSWERS: "T, for OK", "T, por OK";
    TIMER_COORDINATOR: "T′, for COORDINATOR", "T′, por COORDINATOR";
    TIMER_REQUEST_WAIT: "next request", "próximo pedido";
    TIMER_HOLD: "end of the hold", "fim da posse";
    TIMER_PROBE_ANSWERS: "consent to a new term", "consentimento ao novo mandato";
    TIMER_ACCEPTS: "acceptance", "aceitação";
    TIMER_ELECTION_RETRY: "next try", "próxima tentativa";
    TIMER_CHALLENGE: "challenge of a weaker leader", "desafio a um líder mais fraco";
    TIMER_PROBATION: "probation", "estágio";
    TIMER_LEADER_LEASE: "leader’s lease", "prazo do líder";
    TIMER_RETRY: "repetition", "repetição";
    TIMER_CLAIM: "claim", "direito ao pedido";
    TIMER_LEASE: "lease of the holder", "prazo de quem tem a trava";
    TIMER_GRACE: "grace of earlier grants", "carência de concessões anteriores";

    // What things mean.
    MEANS_ELECTION: "Only higher ids are asked. If none says OK within T = {0}, the asker wins.", "Só ids maiores são consultados. Se nenhum disser OK em T = {0}, quem perguntou vence.";
    MEANS_ELECTION_GOT: "Node {0} outranks the asker: it answers OK and holds an election of its own, unless one is running.", "O nó {0} é maior que quem pergunta: responde OK e faz sua própria eleição, se não houver uma em curso.";
    MEANS_OK_WAITING: "Somebody higher is alive, so node {0} waits for a COORDINATOR, at most T′ = {1}.", "Alguém maior está vivo, então o nó {0} espera um COORDINATOR, no máximo T′ = {1}.";
    MEANS_OK_LATE: "It answers an election that is over: nothing changes.", "Responde a uma eleição que já acabou: nada muda.";
    MEANS_COORDINATOR: "Node {1} is higher, so node {0} follows it.", "O nó {1} é maior, então o nó {0} o segue.";
    MEANS_COORDINATOR_LOWER: "Node {1} is lower: a bully does not obey a weaker node, and holds an election.", "O nó {1} é menor: um valentão não obedece a um nó mais fraco, e convoca eleição.";
    MEANS_HEARTBEAT: "A sign of life: node {0} waits another {1} before it suspects its leader.", "Um sinal de vida: o nó {0} espera mais {1} antes de suspeitar do líder.";
    MEANS_SUSPICION: "Node {0} has heard nothing for {1}. It cannot know whether its leader is dead or slow.", "O nó {0} não ouviu nada por {1}. Ele não tem como saber se o líder morreu ou está lento.";
    MEANS_ANSWERS: "Nobody above has said OK within T = {0}: they are taken for dead.", "Ninguém acima disse OK em T = {0}: são dados por mortos.";
    MEANS_NO_WINNER: "Whoever said OK has not won within T′ = {0}: the election starts again.", "Quem disse OK não venceu em T′ = {0}: a eleição recomeça.";
    MEANS_LEADER_LEASE: "A leader may grant only for a while after a majority has heard it.", "Um líder só pode conceder por algum tempo depois que uma maioria o ouviu.";
    MEANS_NO_MAJORITY: "Without a majority nobody raises the term: the node waits and tries again.", "Sem maioria ninguém sobe o mandato: o nó espera e tenta de novo.";
    MEANS_PROBE: "Would you follow me into the next term? Nobody raises a term alone.", "Você me seguiria para o próximo mandato? Ninguém sobe um mandato sozinho.";
    MEANS_PROBE_YES: "It would. With a majority, the next term begins.", "Seguiria. Com uma maioria, começa o próximo mandato.";
    MEANS_PROBE_NO: "It would not: it still hears its leader.", "Não seguiria: ainda ouve o seu líder.";
    MEANS_PROPOSE: "Each node accepts one candidate a term, and saves whom before it says so.", "Cada nó aceita um candidato por mandato, e grava quem antes de dizê-lo.";
    MEANS_ACCEPT: "With a majority it takes office.", "Com uma maioria, ele assume.";
    MEANS_HEARTBEAT_ACK: "Acknowledged by a majority, a heartbeat extends the leader’s lease.", "Confirmado por uma maioria, um sinal de vida estende o prazo do líder.";
    MEANS_NOTICE: "The sender’s term is over: it learns the current one.", "O mandato de quem enviou acabou: ele aprende o atual.";
    MEANS_REPORT: "What the node holds. The new coordinator grants nothing before it knows.", "O que o nó detém. O novo coordenador não concede nada antes de saber.";
    MEANS_GRANT_TOKEN: "The grant carries a token that is larger than any before: the resource refuses older ones.", "A concessão leva uma ficha maior que todas as anteriores: o recurso recusa as mais antigas.";
    MEANS_REQUEST: "The lock is asked for from the leader: it coordinates.", "A trava é pedida ao líder: ele coordena.";
    MEANS_REQUEST_QUEUED: "Somebody holds the lock, so the request waits in the queue.", "Alguém tem a trava, então o pedido espera na fila.";
    MEANS_REQUEST_GRANTED: "The lock is free, so it is granted at once.", "A trava está livre, então é concedida na hora.";
    MEANS_REQUEST_IGNORED: "Node {0} does not lead, so it ignores the request.", "O nó {0} não lidera, então ignora o pedido.";
    MEANS_RELEASE: "The head of the queue is granted the lock next, if anybody waits.", "O primeiro da fila recebe a trava em seguida, se alguém espera.";
    MEANS_GRANT: "Node {0} may enter its critical section.", "O nó {0} pode entrar na seção crítica.";
    MEANS_CALL: "The server makes a random number (a local event) and replies: one call is five events.", "O servidor sorteia um número (evento local) e responde: uma chamada são cinco eventos.";
    MEANS_DOWN: "Nothing tells the sender: it can only wait.", "Nada avisa o remetente: ele só pode esperar.";
    MEANS_CRASH: "A crash loses everything but stable storage. Messages already on their way still arrive.", "Uma queda perde tudo, menos o armazenamento estável. Mensagens já a caminho ainda chegam.";
    MEANS_RESTART: "A new life, which knows nothing of the last one but what was saved.", "Uma vida nova, que só sabe da anterior o que foi gravado.";
    MEANS_PAUSE: "It does nothing, its messages queue up, its clock runs on: to the others it looks dead.", "Não faz nada, suas mensagens se acumulam, seu relógio segue: para os outros, parece morto.";

    // Log: what happened.
    LOG: "Log", "Registro";
    HIDE_HEARTBEATS: "hide heartbeats", "ocultar sinais de vida";
    EARLIER: "{0} earlier events", "{0} eventos anteriores";
    SAYS_START: "Node {0} starts.", "O nó {0} começa.";
    SAYS_LOCAL: "Node {0} has a local event.", "O nó {0} tem um evento local.";
    SAYS_SEND: "Node {0} sends {2} to {1}.", "O nó {0} envia {2} ao {1}.";
    SAYS_SEND_MESSAGE: "Node {0} sends a message to {1}.", "O nó {0} envia uma mensagem ao {1}.";
    SAYS_SEND_CALL: "Node {0} asks {1} for a random number.", "O nó {0} pede ao {1} um número aleatório.";
    SAYS_SEND_REPLY: "Node {0} replies to {1}: {2}.", "O nó {0} responde ao {1}: {2}.";
    SAYS_SEND_POLL: "Node {0} asks {1} whether it still leads.", "O nó {0} pergunta ao {1} se ainda lidera.";
    SAYS_SEND_ALIVE: "Node {0} tells {1} that it still leads.", "O nó {0} diz ao {1} que ainda lidera.";
    SAYS_SEND_ELECTION: "Node {0} sends ELECTION to {1}.", "O nó {0} envia ELECTION ao {1}.";
    SAYS_SEND_OK: "Node {0} answers OK to {1}.", "O nó {0} responde OK ao {1}.";
    SAYS_SEND_COORDINATOR: "Node {0} tells {1} that it leads.", "O nó {0} diz ao {1} que lidera.";
    SAYS_SEND_HEARTBEAT: "Node {0} shows {1} that it is alive.", "O nó {0} mostra ao {1} que está vivo.";
    SAYS_SEND_REQUEST: "Node {0} asks {1} for the lock.", "O nó {0} pede a trava ao {1}.";
    SAYS_SEND_GRANT: "Node {0} grants {1} the lock.", "O nó {0} concede a trava ao {1}.";
    SAYS_SEND_RELEASE: "Node {0} gives the lock back to {1}.", "O nó {0} devolve a trava ao {1}.";
    SAYS_SEND_TERMED: "Node {0} sends {2} of term {3} to {1}.", "O nó {0} envia {2} do mandato {3} a {1}.";
    SAYS_SEND_WRITE: "Node {0} writes to the resource.", "O nó {0} escreve no recurso.";
    SAYS_RECEIVE: "Node {0} receives {2} from {1}.", "O nó {0} recebe {2} do {1}.";
    SAYS_LOST_CHANCE: "{2} from {0} to {1} is lost on the way.", "{2} de {0} a {1} se perde no caminho.";
    SAYS_LOST_DROPPED: "{2} from {0} to {1} is dropped.", "{2} de {0} a {1} é descartada.";
    SAYS_LOST_CUT: "{2} from {0} to {1} dies: the link is cut.", "{2} de {0} a {1} morre: o enlace está cortado.";
    SAYS_LOST_DOWN: "{2} from {0} dies at node {1}, which is down.", "{2} de {0} morre no nó {1}, que está caído.";
    SAYS_LOST_DOUBLED: "A copy of {2} from {0} to {1} is discarded: it came before.", "Uma cópia de {2} de {0} a {1} é descartada: ela já chegou.";
    SAYS_LOST_FULL: "{2} from {0} to {1} is lost: too many wait on that link already.", "{2} de {0} a {1} se perde: já há demais à espera nesse enlace.";
    SAYS_DUPLICATE: "The network copies {2} from {0} to {1}.", "A rede duplica {2} de {0} a {1}.";
    SAYS_TIMEOUT_WAIT: "Node {0} has waited long enough to act again.", "O nó {0} já esperou o bastante para agir de novo.";
    SAYS_TIMEOUT_REPLY: "Node {0} gives the call up: no reply came.", "O nó {0} desiste da chamada: não veio resposta.";
    SAYS_TIMEOUT_HEARTBEAT: "Node {0}: time for the next heartbeat.", "Nó {0}: hora do próximo sinal de vida.";
    SAYS_TIMEOUT_SUSPICION: "Node {0} hears nothing from its leader and suspects it.", "O nó {0} não ouve nada do líder e suspeita dele.";
    SAYS_TIMEOUT_POLL_WAIT: "Node {0}: time to ask the leader again.", "Nó {0}: hora de perguntar ao líder de novo.";
    SAYS_TIMEOUT_ANSWERS: "Node {0} has waited long enough for an OK.", "O nó {0} já esperou o bastante por um OK.";
    SAYS_TIMEOUT_COORDINATOR: "Node {0} has waited long enough for a COORDINATOR.", "O nó {0} já esperou o bastante por um COORDINATOR.";
    SAYS_TIMEOUT_HOLD: "Node {0} has held the lock for long enough.", "O nó {0} já ficou com a trava o bastante.";
    SAYS_TIMEOUT_PROBE: "Node {0} has not found a majority for a new term.", "O nó {0} não encontrou maioria para um novo mandato.";
    SAYS_TIMEOUT_ACCEPTS: "Node {0} was not accepted by a majority in time.", "O nó {0} não foi aceito por uma maioria a tempo.";
    SAYS_TIMEOUT_RETRY_ELECTION: "Node {0} tries for a new term again.", "O nó {0} tenta de novo um novo mandato.";
    SAYS_TIMEOUT_CHALLENGE: "Node {0} has followed a weaker leader for long enough.", "O nó {0} já seguiu um líder mais fraco por tempo bastante.";
    SAYS_TIMEOUT_PROBATION: "Node {0} has been up for long enough to take over.", "O nó {0} está de pé há tempo bastante para assumir.";
    SAYS_TIMEOUT_LEADER_LEASE: "At node {0}, the time that an earlier heartbeat earned runs out.", "No nó {0}, esgota-se o tempo que um sinal de vida anterior rendeu.";
    SAYS_TIMEOUT_RETRY: "Node {0} repeats what has not been answered.", "O nó {0} repete o que não teve resposta.";
    SAYS_TIMEOUT_CLAIM: "At node {0}, the time runs out that a grant of an earlier REQUEST would be good for.", "No nó {0}, esgota-se o tempo em que valeria a concessão de um REQUEST anterior.";
    SAYS_TIMEOUT_LEASE: "At coordinator {0}, the lease of the holder runs out.", "No coordenador {0}, esgota-se o prazo de quem detém a trava.";
    SAYS_TIMEOUT_GRACE: "At coordinator {0}, whatever an earlier leader granted has run out.", "No coordenador {0}, esgotou-se tudo o que um líder anterior concedeu.";
    SAYS_CRASH: "Node {0} crashes.", "O nó {0} cai.";
    SAYS_RESTART: "Node {0} restarts and knows nothing of its earlier life.", "O nó {0} reinicia e nada sabe da vida anterior.";
    SAYS_PAUSE: "Node {0} freezes: alive but silent.", "O nó {0} congela: vivo, mas calado.";
    SAYS_RESUME: "Node {0} goes on.", "O nó {0} segue.";
    SAYS_SAVE: "Node {0} saves to stable storage.", "O nó {0} grava no armazenamento estável.";
    SAYS_ELECTION: "Node {0} starts an election.", "O nó {0} inicia uma eleição.";
    SAYS_ELECTION_START: "Node {0} knows of no leader and starts an election.", "O nó {0} não conhece líder e inicia uma eleição.";
    SAYS_ELECTION_SUSPICION: "Node {0} starts an election, since {1} is silent.", "O nó {0} inicia uma eleição, pois {1} está calado.";
    SAYS_ELECTION_ASKED: "Node {0} starts an election of its own, since {1} asked.", "O nó {0} inicia sua própria eleição, pois {1} perguntou.";
    SAYS_ELECTION_AGAIN: "Node {0} starts again: nobody has won.", "O nó {0} recomeça: ninguém venceu.";
    SAYS_ELECTION_LOWER: "Node {0} starts an election: {1} is lower and may not lead.", "O nó {0} inicia uma eleição: {1} é menor e não pode liderar.";
    SAYS_ELECTION_LOST_MAJORITY: "Node {0} has not been heard by a majority for too long: it stops leading and asks for a new term.", "O nó {0} não é ouvido por uma maioria há tempo demais: deixa de liderar e pede um novo mandato.";
    SAYS_ELECTION_NO_MAJORITY: "Node {0} asks again for a new term: no majority has agreed so far.", "O nó {0} pede de novo um novo mandato: nenhuma maioria concordou até agora.";
    SAYS_ELECTION_OUTRANKS: "Node {0} outranks its leader {1} and asks for a new term.", "O nó {0} supera o seu líder {1} e pede um novo mandato.";
    SAYS_ELECTION_RESIGNED: "Leader {1} has resigned; node {0} asks for a new term.", "O líder {1} renunciou; o nó {0} pede um novo mandato.";
    SAYS_LEADS: "Node {0} leads.", "O nó {0} lidera.";
    SAYS_FOLLOWS: "Node {0} follows {1}.", "O nó {0} segue {1}.";
    SAYS_LEADERLESS: "Node {0} follows nobody.", "O nó {0} não segue ninguém.";
    SAYS_REQUEST: "Node {0} wants the lock.", "O nó {0} quer a trava.";
    SAYS_ENTER: "Node {0} enters the critical section.", "O nó {0} entra na seção crítica.";
    SAYS_EXIT: "Node {0} leaves the critical section.", "O nó {0} sai da seção crítica.";
    SAYS_WRITE: "The resource takes a write of node {0}.", "O recurso aceita uma escrita do nó {0}.";
    SAYS_WRITE_OVERLAP: "The resource takes a write of node {0} while another section is open.", "O recurso aceita uma escrita do nó {0} com outra seção aberta.";
    SAYS_WRITE_REFUSED: "The resource refuses a write of node {0}: its token is too old.", "O recurso recusa uma escrita do nó {0}: sua ficha é antiga demais.";
    SAYS_CUT: "The link from {0} to {1} is cut.", "O enlace de {0} a {1} é cortado.";
    SAYS_HEAL: "The link from {0} to {1} is mended.", "O enlace de {0} a {1} é refeito.";
    SAYS_IGNORED: "Nothing comes of it: {0}", "Não deu em nada: {0}";
    THE_RESOURCE: "the resource", "recurso";

    // Invariants.
    INVARIANTS: "Invariants", "Invariantes";
    ONE_HOLDER: "one holder", "um por vez";
    EXCLUSIVE_WRITES: "exclusive writes", "escritas exclusivas";
    ONE_LEADER: "one leader when quiet", "um líder na calma";
    CLOCK_CONDITION: "clock condition", "condição do relógio";
    GRANT_BY_COORDINATOR: "coordinator grants", "coordenador concede";
    ONE_LEADER_PER_TERM: "one leader per term", "um líder por mandato";
    TOKEN_ORDER: "tokens in order", "fichas em ordem";
    SERVED_ONCE: "served once", "atendido uma vez";
    JUDGES_ONE_HOLDER: "At most one running node is in the critical section.", "No máximo um nó em execução está na seção crítica.";
    JUDGES_EXCLUSIVE_WRITES: "No critical section begins at the resource while another is open there.", "Nenhuma seção crítica começa no recurso com outra aberta nele.";
    JUDGES_ONE_LEADER: "Once all is quiet, there is one leader at most, and all follow it.", "Quando tudo se acalma, há no máximo um líder, e todos o seguem.";
    JUDGES_CLOCK_CONDITION: "If a happened before b, then L(a) < L(b). A classic restart sets the clock to 0, and breaks it.", "Se a aconteceu antes de b, então L(a) < L(b). Um reinício clássico põe o relógio em 0, e a quebra.";
    JUDGES_GRANT_BY_COORDINATOR: "Only a node that leads grants, and only what was asked for.", "Só um nó que lidera concede, e só o que foi pedido.";
    JUDGES_ONE_LEADER_PER_TERM: "At most one node leads in each term.", "No máximo um nó lidera em cada mandato.";
    JUDGES_TOKEN_ORDER: "The resource never accepts a lower token after a higher one.", "O recurso nunca aceita uma ficha menor depois de uma maior.";
    JUDGES_SERVED_ONCE: "Each request enters at most once.", "Cada pedido entra no máximo uma vez.";
    HOLDS_SO_FAR: "holds so far", "vale até aqui";
    BROKEN: "broken {0}×", "violada {0}×";
    BROKEN_ONE_HOLDER: "Nodes {0} are in the critical section at the same time.", "Os nós {0} estão na seção crítica ao mesmo tempo.";
    BROKEN_EXCLUSIVE_WRITES: "Nodes {0} write to the resource at the same time.", "Os nós {0} escrevem no recurso ao mesmo tempo.";
    BROKEN_ONE_LEADER: "All is quiet, yet the nodes do not agree on one leader ({0}).", "Tudo está calmo, mas os nós não concordam sobre o líder ({0}).";
    BROKEN_CLOCK_CONDITION: "A message is received with a clock that is not ahead of its send's ({0}).", "Uma mensagem é recebida com relógio que não passa o do envio ({0}).";
    BROKEN_GRANT: "A grant that no coordinator may give ({0}).", "Uma concessão que nenhum coordenador pode dar ({0}).";
    BROKEN_ONE_LEADER_PER_TERM: "Two lead the same term: {0}.", "Dois lideram o mesmo mandato: {0}.";
    BROKEN_TOKEN_ORDER: "The resource accepts a token out of order: {0}.", "O recurso aceita uma ficha fora de ordem: {0}.";
    BROKEN_SERVED_ONCE: "A request is served more than once: {0}.", "Um pedido é atendido mais de uma vez: {0}.";
    SHOW: "Show", "Mostrar";

    // Trouble with the address.
    BAD_ADDRESS: "This address could not be read in full: {0}. The rest is shown.", "Este endereço não pôde ser lido por inteiro: {0}. O resto é mostrado.";
    NO_LIBRARY: "the scenario \"{0}\" could not be loaded", "o cenário \"{0}\" não pôde ser carregado";
    BAD_SCENARIO: "there is no scenario \"{0}\"", "não há cenário \"{0}\"";
    BAD_SEED: "\"{0}\" is not a seed", "\"{0}\" não é uma semente";
    BAD_TIME: "\"{0}\" is not a moment", "\"{0}\" não é um momento";
    BAD_ACTION: "\"{0}\" is not an intervention", "\"{0}\" não é uma intervenção";
    BAD_VALUE: "\"{0}\" is not known", "\"{0}\" não é conhecido";

    // The list of keys.
    KEY_PLAY: "play or pause", "rodar ou pausar";
    KEY_STEP: "step to the next or previous event", "próximo evento ou anterior";
    KEY_JUMP: "jump to the next or previous decision", "próxima decisão ou anterior";
    KEY_NODE: "crash or restart a node", "derrubar ou reiniciar um nó";
    KEY_MENU: "actions of the focused node", "ações do nó em foco";
    KEY_SPEED: "slower, faster", "mais lento, mais rápido";
    KEY_ENDS: "start, end", "início, fim";
    KEY_HELP: "this list", "esta lista";
    KEY_ESCAPE: "close, deselect", "fechar, desmarcar";
    LEGEND: "Signs", "Sinais";
    LEGEND_CLOCK: "clock: calls, messages", "relógio: chamadas, mensagens";
    LEGEND_ELECTION: "election", "eleição";
    LEGEND_MUTEX: "mutual exclusion", "exclusão mútua";
    LEGEND_HEARTBEAT: "signs of life", "sinais de vida";
    LEGEND_REQUEST: "filled, solid: request", "cheio, contínuo: pedido";
    LEGEND_REPLY: "hollow, dashed: reply", "vazado, tracejado: resposta";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_of_a_text_are_filled_with_the_same_things() {
        let places = |text: &str| {
            let mut found: Vec<_> =
                text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
            found.sort_unstable();
            found.dedup();
            found.join(" ")
        };
        for word in ALL {
            assert_eq!(places(word.en), places(word.pt), "{}", word.en);
            assert!(!word.pt.is_empty(), "{} is not translated", word.en);
        }
    }
}
