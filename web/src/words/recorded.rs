//! Texts that exist only in the whole program: name, English, Brazilian Portuguese.

use super::{FURTHER_FROM, Word};

macro_rules! words {
    ($($name:ident: $en:literal, $pt:literal;)*) => {
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "as the constants are")]
        enum Place { $($name),* }

        $(
            #[doc = concat!("\"", $en, "\"")]
            pub const $name: Word = Word(FURTHER_FROM + Place::$name as u16);
        )*

        /// The texts in the order of their [`Word`]s.
        pub static TEXTS: &[[&str; 2]] = &[$([$en, $pt]),*];
    };
}

words! {
    // The panel with pictures and files of a run.
    DRAWING: "Drawing…", "Desenhando…";
    PREVIEW: "A preview of the picture", "Prévia da figura";
    PICTURE_OF: "Picture of", "Figura de";
    BOTH_VIEWS: "ring and diagram", "anel e diagrama";
    RING_ALONE: "ring", "anel";
    DIAGRAM_ALONE: "diagram", "diagrama";
    ITS_LANGUAGE: "Language", "Idioma";
    PNG_SIZE: "Size of PNG", "Tamanho do PNG";
    FOR_TOOLS: "The run for other tools", "A execução para outras ferramentas";
    AS_TRACE: "Trace", "Rastro";
    AS_SCENARIO: "Scenario", "Cenário";
    SAVE_SVG: "Save SVG", "Salvar SVG";
    SAVE_PNG: "Save PNG", "Salvar PNG";
    FILM: "A part of the run as a film", "Um trecho da execução como filme";
    FILM_FROM: "From (s)", "De (s)";
    FILM_TO: "To (s)", "Até (s)";
    FILM_SPEED: "Speed", "Velocidade";
    FILMING: "How much of the film is done", "Quanto do filme está pronto";
    CANCEL: "Cancel", "Cancelar";
    SAVE_GIF: "Save GIF", "Salvar GIF";
    SAVE_WEBM: "Save WebM", "Salvar WebM";
    BAD_FILM: "a film needs a beginning before its end, both between 0 and {0} s", "um filme precisa de um começo antes do fim, ambos entre 0 e {0} s";
    SAVED: "{0} is saved.", "{0} foi salvo.";
    NOT_SAVED: "Nothing is saved: {0}.", "Nada foi salvo: {0}.";

    // The way in.
    OPEN_HINT: "A scenario (TOML) is run. A trace (JSON Lines), as “antes run --format jsonl” or “antes merge” writes it, is played; the traces of a cluster’s nodes can be chosen together. A figure (JSON), as “antes stamp” reads it, is drawn and stamped. A log for ShiViz is drawn. The content counts, not the name.", "Um cenário (TOML) é executado. Um rastro de execução (trace, em JSON Lines), como “antes run --format jsonl” ou “antes merge” o escreve, é reproduzido; os rastros dos nós de um cluster podem ser escolhidos juntos. Uma figura (JSON), como “antes stamp” a lê, é desenhada e carimbada. Um registro para o ShiViz é desenhado. Conta o conteúdo, não o nome.";
    SHARE_BROUGHT: "The scenario is a file of yours. The link works only in this browser: give others the scenario, which “Picture or file of this run” saves.", "O cenário é um arquivo seu. O link só funciona neste navegador: dê aos outros o cenário, que “Figura ou arquivo desta execução” salva.";
    CHOOSE: "Choose files…", "Escolher arquivos…";
    DROP_HINT: "or drop them anywhere on the page.", "ou solte-os em qualquer lugar da página.";
    STAYS_HERE: "Nothing is sent anywhere: the files are read in this browser.", "Nada é enviado: os arquivos são lidos neste navegador.";
    READING: "Reading {0}…", "Lendo {0}…";
    OPEN_OTHER: "Open another file", "Abrir outro arquivo";
    SIMULATOR: "Simulator", "Simulador";

    // Why there is nothing to show.
    REFUSED: "This cannot be shown: {0}.", "Isto não pode ser mostrado: {0}.";
    // Reasons why a file cannot be shown, and the expected content.
    IS_FOREIGN: "{0} cannot be shown: {1}.", "{0} não pode ser mostrado: {1}.";
    IS_EMPTY: "the file is empty; expected a scenario (TOML), a trace (JSON Lines), a figure (JSON) or a log for ShiViz", "o arquivo está vazio; esperava-se um cenário (TOML), um rastro (JSON Lines), uma figura (JSON) ou um registro para o ShiViz";
    IS_STAMPED: "this is what antes stamp prints of a figure; expected the figure, which has events", "este é o resultado de antes stamp para uma figura; esperava-se a figura, que tem eventos";
    IS_SUMMARY: "this is the summary of a run; expected its trace, which --format jsonl writes, or its scenario", "este é o resumo de uma execução; esperava-se o rastro dela, que --format jsonl escreve, ou o cenário";
    IS_SPREAD: "this is JSON, but not a line for each event; expected JSON Lines: a header in the first line, and an event in every other", "este é um JSON, mas sem uma linha por evento; esperava-se JSON Lines: um cabeçalho na primeira linha e um evento em cada uma das outras";
    IS_JSON: "this is JSON of another kind, or JSON that ends too early; expected a trace, whose first line has \"antes_trace\", or a figure with \"processes\" and \"events\"", "este é um JSON de outro tipo, ou que acaba antes do fim; esperava-se um rastro, cuja primeira linha tem \"antes_trace\", ou uma figura com \"processes\" e \"events\"";
    IS_DIAGRAM: "this is a diagram of a run; expected its trace, which --format jsonl writes, or its scenario", "este é um diagrama de uma execução; esperava-se o rastro dela, que --format jsonl escreve, ou o cenário";
    IS_PLAIN_TEXT: "this is a run told in plain text; expected its trace, which --format jsonl writes, or its scenario", "esta é uma execução contada em texto simples; esperava-se o rastro dela, que --format jsonl escreve, ou o cenário";
    IS_PAGE: "this is HTML or SVG; expected a scenario (TOML), a trace (JSON Lines), a figure (JSON) or a log for ShiViz", "este é um HTML ou SVG; esperava-se um cenário (TOML), um rastro (JSON Lines), uma figura (JSON) ou um registro para o ShiViz";
    IS_PICTURE: "this is a picture, a film or a document; expected a scenario (TOML), a trace (JSON Lines), a figure (JSON) or a log for ShiViz", "esta é uma imagem, um filme ou um documento; esperava-se um cenário (TOML), um rastro (JSON Lines), uma figura (JSON) ou um registro para o ShiViz";
    IS_PACKED: "the file is compressed; expected the file that is in it: unpack it", "o arquivo está compactado; esperava-se o arquivo que está nele: descompacte-o";
    IS_BINARY: "this is no text; expected a scenario (TOML), a trace (JSON Lines), a figure (JSON) or a log for ShiViz", "isto não é texto; esperava-se um cenário (TOML), um rastro (JSON Lines), uma figura (JSON) ou um registro para o ShiViz";
    IS_TEXT: "this is text of another kind; expected a scenario (TOML), a trace (JSON Lines), a figure (JSON) or a log for ShiViz", "este é um texto de outro tipo; esperava-se um cenário (TOML), um rastro (JSON Lines), uma figura (JSON) ou um registro para o ShiViz";
    ONE_AT_A_TIME: "Of these files only one can be shown at a time: expected one of them, or the traces of one run.", "Destes arquivos só um pode ser mostrado por vez: esperava-se um deles, ou os rastros de uma execução.";
    EMPTY: "There is no event in {0}: expected a header and events, as “antes run --format jsonl” prints them.", "Não há evento em {0}: esperava-se um cabeçalho e eventos, como “antes run --format jsonl” os imprime.";
    TOO_LARGE: "{0} is too large: the files may have 256 MiB in all.", "{0} é grande demais: os arquivos podem ter 256 MiB ao todo.";
    NOT_FOUND: "There is no file “{0}” beside this page, or it could not be loaded.", "Não há arquivo “{0}” ao lado desta página, ou ele não pôde ser carregado.";
    UNREADABLE: "“{0}” could not be read by the browser.", "“{0}” não pôde ser lido pelo navegador.";
    GONE: "The file that was open is no longer available: choose it again.", "O arquivo que estava aberto não está mais disponível: escolha-o de novo.";

    // What is shown.
    RECORDING: "Recording", "Gravação";
    OF_SIMULATOR: "of the simulator", "do simulador";
    OF_FIGURE: "of a figure", "de uma figura";
    OF_SHIVIZ: "of a log for ShiViz", "de um registro para o ShiViz";
    OF_CLUSTER: "of a real cluster", "de um cluster real";
    NODES: "{0} {0?node|nodes}", "{0} {0?nó|nós}";
    EVENTS: "{0} {0?event|events}", "{0} {0?evento|eventos}";
    SHOWS: "What a recording shows", "O que uma gravação mostra";
    UNSEEN: "The file has no lines of node {0}: nothing is known of it.", "O arquivo não tem linhas do nó {0}: nada se sabe dele.";
    NOT_TOLD: "It shows what happened: it can be watched, not changed. A trace does not tell of timers, nor of what waits inside a node.", "Mostra o que aconteceu: ela só pode ser assistida, não alterada. Um rastro não fala de temporizadores, nem do que espera dentro de um nó.";
    NOTES: "Notes on the files ({0})", "Observações sobre os arquivos ({0})";
    UNKNOWN_FIELD: "“{0}” is not a field of a figure, and is ignored.", "“{0}” não é um campo de uma figura, e é ignorado.";
    NEVER_RECEIVED: "Message “{0}” of event “{1}” is never received, and is not drawn.", "A mensagem “{0}” do evento “{1}” nunca é recebida, e não é desenhada.";
    SEVERAL_RUNS: "The log has several runs, of which the first is shown.", "O registro tem várias execuções, das quais a primeira é mostrada.";
    WRITTEN: "In the file", "No arquivo";
    NOT_JUDGED: "Lamport and vector stamps follow from the messages. Select an event to see its past and its future.", "Os carimbos de Lamport e os vetoriais decorrem das mensagens. Selecione um evento para ver seu passado e seu futuro.";
    VERDICT_FINE: "Every invariant holds in the whole trace.", "Toda invariante vale no rastro inteiro.";
    VERDICT_BROKEN: "An invariant is broken {0}×.", "Uma invariante é violada {0}×.";
    ENDS: "The recording ends here. Play starts it again from the beginning.", "A gravação termina aqui. Rodar a recomeça do início.";
    SHOW_FIRST: "Show the first", "Mostrar a primeira";
    SHORTEN: "Skip idle time", "Encurtar os trechos parados";
    SHORTEN_HINT: "The longer nothing happens, the more the wait is shortened, in the diagram too. The clock shows the trace's own time.", "Quanto mais tempo nada acontece, mais a espera é encurtada, também no diagrama. O relógio mostra o tempo do próprio rastro.";
    SPEED: "Speed: at 1×, a typical message takes 0.1 s", "Velocidade: a 1×, uma mensagem típica leva 0,1 s";

    // What a click does.
    NODE_LABEL: "Node {0}: {1}, clock {2}. Activate to inspect it.", "Nó {0}: {1}, relógio {2}. Enter inspeciona.";
    NODE_DOWN_LABEL: "Node {0}: {1}. Activate to inspect it.", "Nó {0}: {1}. Enter inspeciona.";
    MESSAGE_LABEL: "{0} from node {1} to node {2}. Activate to inspect it.", "{0} do nó {1} para o nó {2}. Enter inspeciona.";
    WRITE_LABEL: "WRITE from node {0} to the resource. Activate to inspect it.", "WRITE do nó {0} para o recurso. Enter inspeciona.";
    CLICK_HINT: "Click a node, a message or an event to inspect it. The scrubber goes anywhere in the recording.", "Clique num nó, numa mensagem ou num evento para inspecioná-lo. A barra leva a qualquer ponto da gravação.";
    KEY_INSPECT: "inspect node 1 to 9 (any node: Tab, arrows, Enter)", "inspecionar o nó 1 a 9 (qualquer nó: Tab, setas, Enter)";
    KEY_ZOOM: "stretch or squeeze the diagram", "esticar ou comprimir o diagrama";

    // The inspector.
    WENT: "way", "caminho";
    ARRIVED: "It arrives after {0} (event {1}).", "Chega após {0} (evento {1}).";
    DIED: "It is lost after {0} (event {1}).", "Perde-se após {0} (evento {1}).";
    NO_END: "The file does not say what became of it.", "O arquivo não diz o que aconteceu com ela.";
    WAS_SENT: "It was sent {0} before (event {1}).", "Foi enviada {0} antes (evento {1}).";

    // Two runs side by side.
    COMPARISON: "Comparison", "Comparação";
    COMPARE_WITH: "compared with", "comparado com";
    SAME_SCRIPT: "The same script", "O mesmo roteiro";
    OTHER_SCENARIOS: "Another scenario", "Outro cenário";
    ONE_RUN: "One run only", "Só uma execução";
    PARALLEL: "Parallel Bully", "Bully paralelo";
    SEQUENTIAL: "Sequential Bully", "Bully sequencial";
    AS_WRITTEN: "As scripted", "Como no roteiro";
    WITHOUT_ACT: "Without the act", "Sem o ato";
    WITHOUT: "without: {0}", "sem: {0}";
    BOTH_PROFILES: "“{0}”, in the classic and in the hardened profile.", "“{0}”, no perfil clássico e no robusto.";
    BOTH_FORMS: "“{0}”, with both forms of the Bully election: all higher nodes are asked at once, or one after the other.", "“{0}”, com as duas formas da eleição do valentão (Bully): todos os nós de id maior são consultados de uma vez, ou um depois do outro.";
    WITH_AND_WITHOUT: "“{0}”, with and without act {1} of its script: {2}", "“{0}”, com e sem o ato {1} do roteiro: {2}";
    TWO_SCENARIOS: "Two scenarios at the same instants.", "Dois cenários nos mesmos instantes.";
    SAME_IN_BOTH: "The same happens in both.", "O mesmo acontece nas duas.";
    PART_EVENTS: "They share {0} {0?event|events} and part at {1}.", "Têm {0} {0?evento|eventos} em comum e se separam em {1}.";
    PART_DECISIONS: "They share {0} {0?decision|decisions} and part at {1}.", "Têm {0} {0?decisão|decisões} em comum e se separam em {1}.";
    NOTHING_MORE: "nothing more happens.", "nada mais acontece.";
    SHOW_PARTING: "Show where they part", "Mostrar onde se separam";
    OVER_SINCE: "This run was over at {0}.", "Esta execução terminou em {0}.";
    NUMBERS: "Numbers of both runs", "Números das duas execuções";
    WHOLE_RUNS: "Whole runs", "Execuções inteiras";
    SO_FAR: "So far", "Até agora";
    MEASURE: "Measure", "Medida";
    MESSAGES: "messages", "mensagens";
    ENTRIES: "entries", "entradas";
    MEAN_WAIT: "mean wait", "espera média";
    LONGEST_WAIT: "longest wait", "maior espera";
    STILL_WAITING: "waiting at the end", "esperando no fim";
    VIOLATIONS: "violations", "violações";
    COMPARE_CLICKS: "What you do on one side happens on both: click a node to crash it, click again to restart it, click a message to act on it. Click an event in a diagram to see what happened before it.", "O que você faz de um lado acontece nos dois: clique num nó para derrubá-lo, clique de novo para reiniciá-lo, clique numa mensagem para agir sobre ela. Clique num evento de um diagrama para ver o que aconteceu antes dele.";
    ACT_AFTER_END: "Run {0} is over at this moment. Go back to act on both.", "A execução {0} já terminou neste momento. Volte para agir nas duas.";
    ONE_SIDED: "In run {0} another message has this number, so the act would not be the same in both.", "Na execução {0} outra mensagem tem este número; por isso o ato não seria o mesmo nas duas.";
    BAD_COMPARE: "compare={0} (expected classic, hardened, parallel, sequential, without:2 for a run without the second act, or the name of another scenario)", "compare={0} (esperava-se classic, hardened, parallel, sequential, without:2 para uma execução sem o segundo ato, ou o nome de outro cenário)";
    NO_SUCH_ACT: "compare={0} (the script has {1} {1?act|acts}; expected the number of one of them)", "compare={0} (o roteiro tem {1} {1?ato|atos}; esperava-se o número de um deles)";
    SAME_RUN: "compare={0} (both runs would be the same; expected for example {1})", "compare={0} (as duas execuções seriam iguais; esperava-se por exemplo {1})";
}
