//! The trace of a running node, read by a browser's `EventSource`.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use antes_e2e::{Engine, Page, Result, Visitor, ensure};
use serde_json::Value;

/// A single node that acts often, and shows its trace to pages of one origin.
struct Node {
    child: Child,
    address: String,
}

impl Node {
    fn start() -> Result<Node> {
        let [links, http] = free_ports()?;
        let address = format!("http://127.0.0.1:{http}");
        let program = std::env::var_os("ANTES_COMMAND");
        ensure!(program.is_some(), "no ANTES_COMMAND: `cargo xtask test e2e` builds the command");
        let mut command = Command::new(program.unwrap_or_default());
        command.args(["node", "--id", "1", "--peers", &format!("1=127.0.0.1:{links}")]);
        command.args(["--profile", "classic", "--wait", "2ms", "--hold", "2ms", "--log", "error"]);
        command.args(["--http", &format!("127.0.0.1:{http}"), "--http-origin", &address]);
        let child = command.stdin(Stdio::null()).spawn()?;
        let node = Node { child, address };
        while TcpStream::connect(("127.0.0.1", http)).is_err() {}
        Ok(node)
    }

    fn host(&self) -> &str {
        self.address.trim_start_matches("http://")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two ports that are free at the moment.
fn free_ports() -> Result<[u16; 2]> {
    let held = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
    Ok([held[0].local_addr()?.port(), held[1].local_addr()?.port()])
}

/// A connection between the browser and a node that tests can cut. It ends with the test.
#[derive(Clone, Default)]
struct Wire(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    open: Vec<TcpStream>,
    /// The bytes that the browser has sent so far.
    asked: String,
}

impl Wire {
    /// Accepts connections for `host`. Returns the address for the browser too.
    fn to(host: &str) -> Result<(Wire, String)> {
        let (wire, host) = (Wire::default(), host.to_owned());
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let copy = wire.clone();
        thread::spawn(move || {
            for browser in listener.incoming().map_while(std::io::Result::ok) {
                let Ok(node) = TcpStream::connect(&host) else { return };
                let _ = copy.carry(browser, node);
            }
        });
        Ok((wire, address))
    }

    /// Forwards both directions, each on its own thread.
    fn carry(&self, mut browser: TcpStream, mut node: TcpStream) -> std::io::Result<()> {
        let (mut from_node, mut to_browser) = (node.try_clone()?, browser.try_clone()?);
        let kept = browser.try_clone()?;
        self.inside(|inside| inside.open.push(kept));
        let wire = self.clone();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = browser.read(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..count]);
                wire.inside(|inside| inside.asked += &text);
                let _ = node.write_all(&bytes[..count]);
            }
            let _ = node.shutdown(Shutdown::Both);
        });
        thread::spawn(move || {
            let _ = std::io::copy(&mut from_node, &mut to_browser);
            let _ = to_browser.shutdown(Shutdown::Both);
        });
        Ok(())
    }

    /// Ends all connections. Later ones are forwarded again.
    fn cut(&self) {
        for stream in self.inside(|inside| std::mem::take(&mut inside.open)) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn inside<T>(&self, look: impl FnOnce(&mut Inside) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads the events at `address` into `window.seen`: the number of a line, or the name of another event.
async fn read(page: &Page, address: &str) -> Result<()> {
    let script = format!(
        "window.seen = [];
         window.source = new EventSource('{address}/events');
         source.onmessage = line => seen.push(JSON.parse(line.data).seq);
         for (const name of ['header', 'gap', 'reset'])
             source.addEventListener(name, () => seen.push(name));"
    );
    page.script(&script).await.map(drop)
}

async fn seen(page: &Page) -> Result<Vec<Value>> {
    Ok(page.script("return seen").await?.as_array().cloned().unwrap_or_default())
}

#[test]
fn a_browser_whose_wire_is_cut_goes_on_behind_the_last_line_that_it_has_seen() -> Result<()> {
    let node = Node::start()?;
    let (wire, cuttable) = Wire::to(node.host())?;
    Visitor::laptop().visit_unopened(async |page| {
        // The node's own address is the origin that may read.
        page.goto(format!("{}/metrics", node.address)).await?;
        read(page, &cuttable).await?;
        page.wait_until("lines arrive", async || Ok(seen(page).await?.len() > 100)).await?;
        wire.cut();
        let back = async || {
            let seen = seen(page).await?;
            Ok(seen.iter().filter(|&event| event == "header").count() == 2)
        };
        page.wait_until("it comes back", back).await?;
        let before = seen(page).await?.len();
        page.wait_until("it goes on", async || Ok(seen(page).await?.len() > before + 100)).await?;
        let (mut numbers, mut second) = (Vec::new(), None);
        for event in &seen(page).await? {
            match event.as_u64() {
                Some(number) => numbers.push(number),
                None => second = (event == "header").then(|| numbers.last().copied()).flatten(),
            }
        }
        let all: Vec<u64> = (0..numbers.len() as u64).collect();
        ensure!(numbers == all, "lines are missing or come twice: {numbers:?}");
        let told = format!("last-event-id: {}\r\n", second.unwrap_or_default());
        let asked = wire.inside(|inside| inside.asked.to_ascii_lowercase());
        ensure!(asked.contains(&told), "it does not say what it has seen: {asked}");
        // The console reports the cut too, and browsers ask every server for an icon.
        let expected = |error: &String| error.contains("/events") || error.contains("/favicon.ico");
        let errors = page.take_errors().await?;
        ensure!(errors.iter().all(expected), "{errors:?}");
        Ok(())
    })
}

#[test]
fn a_page_of_an_origin_that_is_not_named_reads_no_events() -> Result<()> {
    let node = Node::start()?;
    let (wire, address) = Wire::to(node.host())?;
    Visitor::laptop().visit_unopened(async |page| {
        page.goto(format!("{}/metrics", node.address.replace("127.0.0.1", "localhost"))).await?;
        read(page, &address).await?;
        let closed = async || Ok(page.script("return source.readyState").await? == 2);
        page.wait_until("the browser gives up", closed).await?;
        ensure!(seen(page).await?.is_empty(), "nothing is shown to it");
        let asked = wire.inside(|inside| inside.asked.to_ascii_lowercase());
        ensure!(asked.contains("origin: http://localhost"), "it did not ask: {asked}");
        if page.engine() == Engine::Chromium {
            // The other drivers show the console only for the page under test.
            let errors = page.take_errors().await?;
            ensure!(errors.iter().any(|error| error.contains("CORS")), "{errors:?}");
        }
        Ok(())
    })
}
