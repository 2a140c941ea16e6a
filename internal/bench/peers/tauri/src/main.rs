//! The contender of Tauri in make bench-peers: commands, events and channels. Short work is a plain
//! command, which answers on the calling thread; long work is an async one, as Tauri's documentation
//! recommends. Events and channels never block their sender, and the documentation has no way to wait,
//! so a plain loop sends them: unread messages stay in memory. The page asks for about a second's worth.
//!
//!     tauri ROW

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use tauri::{
    AppHandle, Emitter, State, WebviewUrl, WebviewWindowBuilder,
    ipc::{Channel, InvokeBody, InvokeResponseBody, Request, Response},
};

const ROUNDS: [usize; 2] = [2_000, 20_000];
const WINDOWS: usize = 8;

struct Bench {
    row: String,
    ready: AtomicUsize,
    began: Mutex<Instant>,
}

/// About 50 bytes of JSON. Tauri turns each into a script. No two are equal, as with real ones.
fn message(n: usize) -> String {
    format!("{:x<40}{n:08}", "")
}

#[tauri::command]
fn row(bench: State<Bench>) -> String {
    bench.row.clone()
}

#[tauri::command]
fn report(line: &str) {
    println!("{line}");
}

#[tauri::command]
fn echo(value: String) -> String {
    value
}

#[tauri::command]
fn up(request: Request) -> Result<usize, &'static str> {
    match request.body() {
        InvokeBody::Raw(data) => Ok(data.len()),
        InvokeBody::Json(_) => Err("the bytes came as JSON"),
    }
}

#[tauri::command]
fn down(size: usize) -> Response {
    Response::new(vec![0; size])
}

#[tauri::command]
async fn emit(app: AppHandle, count: usize) -> tauri::Result<()> {
    send_events(&app, count)
}

fn send_events(app: &AppHandle, count: usize) -> tauri::Result<()> {
    (0..count).try_for_each(|n| app.emit("bench", message(n)))
}

#[tauri::command]
async fn stream(out: Channel<String>, count: usize) -> tauri::Result<()> {
    (0..count).try_for_each(|n| out.send(message(n)))
}

/// A channel takes ownership of its bytes, so each message is a copy.
#[tauri::command]
async fn stream_bytes(
    out: Channel<InvokeResponseBody>,
    count: usize,
    size: usize,
) -> tauri::Result<()> {
    let data: Vec<u8> = (0..size).map(|n| (n * n / 8) as u8).collect();
    (0..count).try_for_each(|_| out.send(InvokeResponseBody::Raw(data.clone())))
}

/// The command that each window calls before each round of events, and after the last.
#[tauri::command]
async fn heard(app: AppHandle, bench: State<'_, Bench>, round: usize) -> tauri::Result<()> {
    if bench.ready.fetch_add(1, Ordering::SeqCst) + 1 < WINDOWS * (round + 1) {
        return Ok(());
    }
    if let Some(&count) = ROUNDS.get(round) {
        *bench.began.lock().unwrap() = Instant::now();
        return send_events(&app, count);
    }
    let took = bench.began.lock().unwrap().elapsed().as_secs_f64();
    let rate = (WINDOWS * ROUNDS[ROUNDS.len() - 1]) as f64 / took;
    println!("ready\n{{\"value\":{rate},\"frames\":[0,0]}}");
    Ok(())
}

fn main() {
    let row = std::env::args().nth(1).expect("usage: tauri ROW");
    let windows = if row == "events-8" { WINDOWS } else { 1 };
    tauri::Builder::default()
        .manage(Bench {
            row,
            ready: AtomicUsize::new(0),
            began: Mutex::new(Instant::now()),
        })
        .invoke_handler(tauri::generate_handler![
            self::row,
            report,
            echo,
            up,
            down,
            emit,
            stream,
            stream_bytes,
            heard
        ])
        .setup(move |app| {
            for n in 0..windows {
                WebviewWindowBuilder::new(app, format!("w{n}"), WebviewUrl::default())
                    .title("bench")
                    .inner_size(800.0, 600.0)
                    .build()?;
            }
            Ok(())
        })
        .run(tauri::generate_context!())
        .expect("Tauri has failed");
}
