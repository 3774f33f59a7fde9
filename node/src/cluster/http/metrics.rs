//! Metrics in Prometheus' text format, version 0.0.4.

use std::fmt::{Display, Write as _};
use std::sync::Arc;

use antes_sim::export::jsonl::{algorithm_name, profile_name};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::answer::refuse;
use super::reads;
use super::shared::{MAX_STREAMS, Shared};
use crate::cluster::status::{Counters, Status};
use crate::cluster::time::Moment;

/// The metrics of the node's latest snapshot.
pub async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let status = match reads::latest(&shared) {
        Ok(status) => status,
        Err(sentence) => return refuse(StatusCode::SERVICE_UNAVAILABLE, &sentence),
    };
    let mut text = Text::default();
    text.protocols(&status);
    text.links(&status);
    text.resource(&status);
    text.counters(&status.counters);
    let age = Moment::now().since(status.at).as_secs_f64();
    text.gauge("status_age_seconds", "The age of these numbers.", age);
    let readers = MAX_STREAMS.saturating_sub(shared.streams.available_permits());
    text.gauge("http_event_readers", "Clients that read the events.", readers);
    let headers = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (headers, text.0).into_response()
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn protocols(&mut self, status: &Status) {
        self.family("info", "gauge", "Which node this is, and what it runs.");
        let labels = format!(
            "node=\"{}\",incarnation=\"{}\",algorithm=\"{}\",profile=\"{}\"",
            status.me.node,
            status.me.incarnation.get(),
            algorithm_name(status.algorithm),
            profile_name(status.profile),
        );
        self.sample("info", &labels, 1);
        let leader = status.leader.map_or(0, u8::from);
        self.gauge("leader", "The leader that the node follows; 0 for none.", leader);
        let leads = u8::from(status.leader == Some(status.me.node));
        self.gauge("is_leader", "Whether the node leads.", leads);
        if let Some(term) = status.term {
            self.gauge("term", "The term that the node is in.", term.0);
        }
        self.gauge("lamport_time", "The Lamport clock.", status.stamp.lamport);
        self.gauge("paused", "Whether the node was told to pause.", u8::from(status.paused));
        let aside = u8::from(status.no_part.is_some());
        self.gauge("stands_aside", "Whether the node takes no part in the cluster.", aside);
        let Some(lock) = &status.lock else { return };
        let held = lock.requests.iter().filter(|(_, holds)| *holds).count();
        self.gauge("lock_held", "The node's requests that are in the critical section.", held);
        let waiting = lock.requests.len() - held;
        self.gauge("lock_waiting", "The node's requests that wait for the lock.", waiting);
        let queue = lock.table.as_ref().map_or(0, |table| table.queue.len());
        self.gauge("lock_queue", "Requests that wait at this coordinator.", queue);
    }

    fn links(&mut self, status: &Status) {
        let links = &status.links;
        self.family("link_up", "gauge", "Whether messages can go to the peer, or come from it.");
        for link in links {
            let to = format!("peer=\"{}\",direction=\"to\"", link.peer);
            self.sample("link_up", &to, u8::from(link.sends));
            let from = format!("peer=\"{}\",direction=\"from\"", link.peer);
            self.sample("link_up", &from, u8::from(link.receives));
        }
        self.family("link_down", "gauge", "Whether the peer cannot be reached, for this reason.");
        for link in links {
            if let Some(down) = &link.down {
                let labels = format!("peer=\"{}\",reason=\"{}\"", link.peer, down.reason.name());
                self.sample("link_down", &labels, 1);
            }
        }
        let help = "Settings in which the two nodes differ, but may differ.";
        self.family("link_settings_differ", "gauge", help);
        for link in links {
            let peer = format!("peer=\"{}\"", link.peer);
            self.sample("link_settings_differ", &peer, link.differs.len());
        }
        let help = "Processes that know the secret but are refused.";
        self.gauge("turned_away", help, status.turned_away.len());
        self.family("link_cut", "gauge", "Whether the link was cut on purpose.");
        for link in links {
            self.sample("link_cut", &format!("peer=\"{}\"", link.peer), u8::from(link.cut));
        }
        self.family("link_queued", "gauge", "Messages that wait to be sent to the peer.");
        for link in links {
            self.sample("link_queued", &format!("peer=\"{}\"", link.peer), link.queued);
        }
        self.family("link_lost_total", "counter", "Messages to the peer that were lost here.");
        for link in links {
            self.sample("link_lost_total", &format!("peer=\"{}\"", link.peer), link.lost);
        }
    }

    fn resource(&mut self, status: &Status) {
        let Some(resource) = &status.resource else { return };
        self.family("resource_down", "gauge", "Whether it cannot be reached, for this reason.");
        if let Some(down) = &resource.down {
            self.sample("resource_down", &format!("reason=\"{}\"", down.reason.name()), 1);
        }
        let reached = u8::from(resource.reached);
        self.gauge("resource_up", "Whether the node reaches the resource.", reached);
        let queued = resource.queued;
        self.gauge("resource_queued", "Writes that wait to be sent to the resource.", queued);
        let help = "Writes to the resource that were lost here.";
        self.family("writes_lost_total", "counter", help);
        self.sample("writes_lost_total", "", resource.lost);
    }

    fn counters(&mut self, counters: &Counters) {
        let Counters { sent, received, lost, discarded, timeouts, elections, .. } = *counters;
        let Counters { leader_changes, requests, entries, writes, refused, .. } = *counters;
        let Counters { saves, trace_gaps, .. } = *counters;
        for (name, help, value) in [
            ("messages_sent_total", "Messages sent, lost ones included.", sent),
            ("messages_received_total", "Messages received.", received),
            ("messages_lost_total", "Messages lost on this side.", lost),
            ("messages_discarded_total", "Messages that arrived and were discarded.", discarded),
            ("timeouts_total", "Timers that have fired.", timeouts),
            ("elections_total", "Elections started.", elections),
            (
                "leader_changes_total",
                "Changes of the leader that the node follows.",
                leader_changes,
            ),
            ("lock_requests_total", "Requests for the lock.", requests),
            ("lock_entries_total", "Entries into the critical section.", entries),
            ("writes_total", "Writes to the resource, lost ones included.", writes),
            ("writes_refused_total", "Writes that the resource refused for their token.", refused),
            ("saves_total", "Saves to stable storage.", saves),
            ("trace_gaps_total", "Lines of the trace that were left out.", trace_gaps),
        ] {
            self.family(name, "counter", help);
            self.sample(name, "", value);
        }
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", help);
        self.sample(name, "", value);
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let head = format_args!("# HELP antes_{name} {help}\n# TYPE antes_{name} {kind}\n");
        self.0.write_fmt(head).expect("a text takes everything");
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl Display) {
        let (open, close) = if labels.is_empty() { ("", "") } else { ("{", "}") };
        let sample = format_args!("antes_{name}{open}{labels}{close} {value}\n");
        self.0.write_fmt(sample).expect("a text takes everything");
    }
}
