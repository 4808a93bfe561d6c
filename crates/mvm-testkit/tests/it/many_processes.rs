//! Random programs of several processes: the same on every thread and executor, and again when they are played back.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use mvm_testkit::generate::processes::program_of_seed;
use mvm_testkit::processes::{check, tampered, written};

/// `PROCESS_SEEDS=100000` looks longer.
fn seeds() -> u64 {
    std::env::var("PROCESS_SEEDS").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000)
}

#[test]
fn random_processes_do_the_same_everywhere() {
    let (next, failures) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds() {
                        return;
                    }
                    if let Err(what) = check(&program_of_seed(seed), seed) {
                        failures.lock().unwrap().push(format!("seed {seed}: {what}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        seeds(),
        failures[..failures.len().min(5)].join("\n")
    );
}

/// `TAMPERED=100000` tries more.
#[test]
fn snapshots_from_elsewhere_are_refused_or_run_like_any_other() {
    let times: u64 = std::env::var("TAMPERED").ok().and_then(|times| times.parse().ok()).unwrap_or(20);
    let mut ran = 0;
    for seed in 0..100 {
        ran += tampered(&program_of_seed(seed), seed, times)
            .unwrap_or_else(|what| panic!("seed {seed}: {what}"));
    }
    assert!(ran > times, "only {ran} of {} were not refused", 100 * times);
}

/// Some processes send numbered messages to the first one, which also watches each of them twice, and links another process to each. It
/// complains about everything that is not as it has to be.
const LAWS: &str = "\
const   SENDERS = $SENDERS
const   EACH = $EACH
data    arrays: [i64] = types [i64]

func main() {
    sys     me, self()
    new     last, [i64], SENDERS
    new     pids, [i64], SENDERS
    mov     k, 0
start:
    bind    f, sender(me, k)
    sys     pid, spawn(f)
    set     pids[k], pid
    box     first, k
    sys     monitor(pid, first)
    sys     monitor(pid, first)
    add     k, k, 1
    blt     k, SENDERS, start

    ; Messages of a sender come in the order in which they were sent, each once.
    mov     left, SENDERS * EACH
    mov     wanted, arrays
numbers:
    sys     m, receive_of(wanted, -1)
    cast    pair, m, [i64]
    get     who, pair[0]
    get     number, pair[1]
    get     before, last[who]
    add     before, before, 1
    beq     before, number, ordered
    sys     print(\"order\")
ordered:
    set     last[who], number
    sub     left, left, 1
    bnz     left, numbers

    ; Those that wait to be killed are; the end of each is told as often as was asked, however it ended.
    mov     k, 0
kill:
    and     way, k, 3
    bne     way, 3, next
    get     pid, pids[k]
    sys     kill(pid)
next:
    add     k, k, 1
    blt     k, SENDERS, kill
    new     ends, [i64], SENDERS
    mov     left, SENDERS * 2
watch:
    sys     (m, tag), receive(-1)
    unbox   who, m
    get     count, ends[who]
    add     count, count, 1
    set     ends[who], count
    beq     tag, -3, told                   ; it had ended before it was watched
    and     way, who, 3
    beq     way, 2, by_itself
    beq     way, 0, by_itself
    beq     way, 1, by_exception
    beq     tag, 2, told
    sys     print(\"kill\")
    jmp     told
by_exception:
    beq     tag, 1, told
    sys     print(\"exception\")
    jmp     told
by_itself:
    bz      tag, told
    sys     print(\"itself\")
told:
    sub     left, left, 1
    bnz     left, watch
    mov     k, 0
twice:
    get     count, ends[k]
    beq     count, 2, right
    sys     print(\"count\")
right:
    add     k, k, 1
    blt     k, SENDERS, twice
    sys     m, receive(5)
    bnull   m, quiet
    sys     print(\"more\")
quiet:
    sys     print(\"done\")
    ret
}

func sender(home: i64, k: i64) {
    mov     number, 0
again:
    add     number, number, 1
    new     pair, [i64], 2
    set     pair[0], k
    set     pair[1], number
    sys     send(home, pair)
    mov     j, 0
busy:
    add     j, j, 1
    blt     j, k, busy
    blt     number, EACH, again
    and     way, k, 3
    switch  way, wait, return, fail, leave
return:
    ret
fail:
    mov     zero, 0
    div     zero, k, zero
    ret
leave:
    sys     exit(4)
    ret
wait:
    sys     _m, receive(-1)
    ret
}
";

#[test]
fn messages_keep_their_order_and_ends_are_told_once_each() {
    for number in 0..72 {
        let senders = 1 + number * 7 % 23;
        let each = 1 + number * 5 % 40;
        let text = LAWS.replace("$SENDERS", &senders.to_string()).replace("$EACH", &each.to_string());
        assert_eq!(
            written(&text, number).as_deref(),
            Ok("done "),
            "{number}: {senders} senders, {each} messages each"
        );
    }
}
