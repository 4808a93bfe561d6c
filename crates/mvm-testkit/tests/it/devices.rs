//! A disk and a network card behind the trait `Host`: what guests ask them is recorded and played back, and goes on after a restart.

use std::sync::Arc;

use mvm_exec::{Executor, Image, ProcessLimits};
use mvm_kernel::record::{Recording, Replaying};
use mvm_kernel::{CorePart, Environment, Exit, Host, Machine, Program, Settings, State, WaitsFor};
use mvm_pool::Pool;
use mvm_testkit::devices::{Devices, Disk, Faults, SECTOR, WithDevices};
use mvm_testkit::linked;
use mvm_testkit::processes::Paper;
use mvm_testkit::rng::Rng;

/// Three processes write sectors, sync, say so, and read them back; another one receives what the first one sends. What a device could
/// not do is tried again. At the end: how many frames came, how many of them were as they were sent, and the sum of their numbers.
const GUEST: &str = "\
const   SECTORS = 5
const   FRAMES = 40

func main() {
    .local  n: i64
    .local  came: i64
    .local  right: i64
    .local  sum: i64
    .local  left: i64
    sys     me, self()
    mov     left, 3
start:
    sub     left, left, 1
    bind    f, writes(me, left)
    sys     _pid, spawn(f)
    bnz     left, start
    bind    f, listens(me)
    sys     _pid, spawn(f)
    mov     n, 0
send:
    call    send_frame(n)
    add     n, n, 1
    blt     n, FRAMES, send
    mov     left, 3
take:
    bnz     left, long
    sys     m, receive(100)
    bnull   m, quiet
    jmp     taken
long:
    sys     m, receive(-1)
taken:
    unbox   n, m
    beq     n, -2, written
    add     came, came, 1
    beq     n, -1, take
    add     right, right, 1
    add     sum, sum, n
    jmp     take
written:
    sub     left, left, 1
    jmp     take
quiet:
    sys     print(\"came\")
    sys     print_int(came)
    sys     print_int(right)
    sys     print_int(sum)
    ret
}

; Asks until the device has not failed.
func ask(device: i64, what: bytes) -> bytes {
again:
    sys     (answer, status), ask_device(device, what)
    bne     status, 1, wrong
    get     failed, answer[0]
    bnz     failed, again
    ret     answer
wrong:
    sys     print(\"no device\")
    ret     answer
}

func request(op: i64, sector: i64, value: i64) -> [u8] {
    new     a, [u8], 515
    set     a[0], op
    set     a[1], sector
    fill    a, 3, 512, value
    ret     a
}

func writes(home: i64, k: i64) {
    mul     sector, k, SECTORS
    add     end, sector, SECTORS
again:
    mul     value, sector, 7
    add     value, value, 1
    call    a, request(1, sector, value)
    bytes_from_array what, a, 0, 515
    call    _b, ask(1, what)
    set     a[0], 2
    bytes_from_array sync, a, 0, 1
    call    _b, ask(1, sync)
    sys     print(\"synced\")
    sys     print_int(sector)
    set     a[0], 0
    bytes_from_array read, a, 0, 3
    call    answer, ask(1, read)
    slice   found, answer, 1, 513
    slice   wanted, what, 3, 515
    eq      t, found, wanted
    bnz     t, right
    sys     print(\"wrong\")
right:
    add     sector, sector, 1
    blt     sector, end, again
    box     m, -2
    sys     send(home, m)
    ret
}

func send_frame(n: i64) {
    new     a, [u8], 5
    set     a[1], 9
    set     a[2], n
    mul     check, n, 31
    add     check, check, 5
    set     a[4], check
    bytes_from_array what, a, 0, 5
    call    _b, ask(2, what)
    ret
}

func listens(home: i64) {
    new     a, [u8], 2
    set     a[0], 1
    set     a[1], 9
    bytes_from_array what, a, 0, 2
again:
    call    frame, ask(2, what)
    get     n, frame[1]
    get     high, frame[2]
    mul     wanted, n, 31
    mul     high, high, 17
    add     wanted, wanted, high
    add     wanted, wanted, 5
    and     wanted, wanted, 255
    get     check, frame[3]
    beq     check, wanted, right
    mov     n, -1
right:
    box     m, n
    sys     send(home, m)
    jmp     again
}
";

const FAULTS: Faults = Faults { slow: 12, failing: 150, dropped: 100, doubled: 100, late: 200, changed: 100 };

fn image() -> Arc<Image> {
    linked::image("devices.masm", GUEST).expect("the guest is a program")
}

fn programs(image: &Arc<Image>) -> Vec<Program> {
    let program = Program::new(image, Environment::default(), ProcessLimits::default());
    vec![program.expect("it has a main function")]
}

fn settings(seed: u64) -> Settings {
    Settings {
        cores: 1 + (seed % 3) as u32,
        round: [500, 4_000][seed as usize % 2],
        seed,
        ..Settings::default()
    }
}

fn host(seed: u64, faults: Faults) -> WithDevices<Paper> {
    WithDevices { host: Paper::default(), devices: Devices::new(seed, faults) }
}

/// Runs to the end: the exit, reductions, clock, hash.
fn end<H: Host>(machine: &mut Machine<H>, executor: Executor) -> (Exit, u64, u64, u64) {
    let exit = machine.run(executor).expect("the host does not fail");
    (exit, machine.reductions(), machine.clock(), machine.state_hash())
}

/// The numbers behind a word in what was written.
fn behind<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = u64> + 't {
    let mut words = text.split_whitespace();
    std::iter::from_fn(move || {
        words.find(|found| *found == word)?;
        words.next()?.parse().ok()
    })
}

#[test]
fn requests_are_answered_recorded_and_played_back() {
    let image = image();
    for seed in 0..12 {
        let faults = if seed == 0 { Faults::default() } else { FAULTS };
        let mut machine = Machine::start(programs(&image), &settings(seed), host(seed, faults)).unwrap();
        let ran = end(&mut machine, Executor::Tail);
        assert_eq!(ran.0, Exit::Status(0), "seed {seed}");
        let written = machine.host.host.clone();
        let text = String::from_utf8(written.0.clone()).unwrap();
        assert!(!text.contains("wrong"), "seed {seed}: {text}");
        assert_eq!(behind(&text, "synced").count(), 15, "seed {seed}: {text}");
        let traffic = machine.host.devices.traffic;
        let tail: Vec<u64> =
            text.split_once("came ").unwrap().1.split_whitespace().map(|n| n.parse().unwrap()).collect();
        assert_eq!(
            tail[..2],
            [traffic.delivered, traffic.delivered - traffic.changed],
            "seed {seed}: {traffic:?}"
        );
        assert_eq!(
            traffic.sent + traffic.doubled,
            traffic.delivered + traffic.dropped,
            "seed {seed}: {traffic:?}"
        );
        if seed == 0 {
            assert_eq!(tail, [40, 40, 780]);
        }

        // On several threads, recorded.
        let mut record = Vec::new();
        let recording = Recording::new(host(seed, faults), &mut record);
        let mut machine = Machine::start(programs(&image), &settings(seed), recording).unwrap();
        let mut pool = Pool::new(1, CorePart::run);
        machine.set_workers(Box::new(move |parts, here| pool.run(parts, here)));
        assert_eq!(end(&mut machine, Executor::Native), ran, "seed {seed}");
        assert_eq!(machine.host.host.host, written, "seed {seed}");
        machine.host.end(ran.1, ran.3).unwrap();
        drop(machine);

        // From the record, without devices.
        let replaying = Replaying::new(Paper::default(), &*record).unwrap();
        let mut machine = Machine::start(programs(&image), &settings(seed), replaying).unwrap();
        assert_eq!(end(&mut machine, Executor::Match), ran, "seed {seed}");
        machine.host.end(ran.1, ran.3).unwrap();
        assert_eq!(machine.host.host, written, "seed {seed}");

        // What a device answered is looked at: with other answers the run is another one, and that is said.
        let tampered = tampered(&record);
        let replaying = Replaying::new(Paper::default(), &*tampered).unwrap();
        let mut machine = Machine::start(programs(&image), &settings(seed), replaying).unwrap();
        let exit = machine.run(Executor::Tail);
        let (reductions, hash) = (machine.reductions(), machine.state_hash());
        assert!(exit.is_err() || machine.host.end(reductions, hash).is_err(), "seed {seed}");
        assert!(machine.host.divergence.is_some(), "seed {seed}");
    }
}

/// The record with another status in the first answer of a device.
fn tampered(record: &[u8]) -> Vec<u8> {
    let mut bytes = record.to_vec();
    // The kind, the number of the request, how often it was asked before, the length, all below 128: an answer of one byte.
    let at = bytes.windows(5).position(|call| call[0] == 11 && call[1] < 20 && call[3] == 1 && call[4] < 2);
    let at = at.expect("there is an answer of one byte");
    bytes[at + 4] ^= 1;
    bytes
}

/// Written down between two rounds, with requests under way, the machine goes on as it would have, and so does one that is restored.
#[test]
fn requests_under_way_survive_a_restart() {
    let image = image();
    let mut under_way = 0;
    for seed in 0..6 {
        let mut machine = Machine::start(programs(&image), &settings(seed), host(seed, FAULTS)).unwrap();
        let ran = end(&mut machine, Executor::Tail);
        let (written, rounds) = (machine.host.host.clone(), machine.round());
        for part in 1..6 {
            let round = rounds * part / 6;
            let mut machine = Machine::start(programs(&image), &settings(seed), host(seed, FAULTS)).unwrap();
            assert_eq!(machine.run_to_round(Executor::Tail, round).unwrap(), None);
            let bytes = machine.snapshot().unwrap();
            under_way += usize::from(anybody_waits(&machine));
            let host = machine.host.clone();
            let mut restored = Machine::restore(programs(&image), &settings(seed), &bytes, host).unwrap();
            assert_eq!(restored.state_hash(), machine.state_hash(), "seed {seed} round {round}");
            assert_eq!(restored.snapshot().unwrap(), bytes, "seed {seed} round {round}");
            for machine in [&mut machine, &mut restored] {
                assert_eq!(end(machine, Executor::Match), ran, "seed {seed} round {round}");
                assert_eq!(machine.host.host, written, "seed {seed} round {round}");
            }
        }
    }
    assert!(under_way > 10, "only {under_way} snapshots had requests under way");
}

/// Whether somebody waits for a device.
fn anybody_waits<H: Host>(machine: &Machine<H>) -> bool {
    machine.processes().iter().any(|entry| matches!(entry.state, State::Waits(WaitsFor::Device(_), _)))
}

/// Devices that know nothing of what was asked before are asked again.
#[test]
fn other_devices_are_asked_again() {
    let image = image();
    let calm = Faults { slow: 12, ..Faults::default() };
    let mut asked = 0;
    for seed in 0..6 {
        let mut machine = Machine::start(programs(&image), &settings(seed), host(seed, calm)).unwrap();
        assert_eq!(machine.run_to_round(Executor::Tail, 6 + seed).unwrap(), None);
        asked += usize::from(anybody_waits(&machine));
        let bytes = machine.snapshot().unwrap();
        let mut other = host(seed + 100, calm);
        other.devices.disk = machine.host.devices.disk.clone();
        other.host = machine.host.host.clone();
        let mut restored = Machine::restore(programs(&image), &settings(seed), &bytes, other).unwrap();
        assert_eq!(restored.run(Executor::Tail).unwrap(), Exit::Status(0), "seed {seed}");
        let text = String::from_utf8(restored.host.host.0.clone()).unwrap();
        assert!(!text.contains("wrong") && !text.contains("no device"), "seed {seed}: {text}");
        assert_eq!(behind(&text, "synced").count(), 15, "seed {seed}: {text}");

        // Without any devices those who wait are told so.
        let paper = machine.host.host.clone();
        let mut restored = Machine::restore(programs(&image), &settings(seed), &bytes, paper).unwrap();
        let _ = restored.run(Executor::Tail).unwrap();
        let text = String::from_utf8(restored.host.0.clone()).unwrap();
        assert!(text.contains("no device"), "seed {seed}: {text}");
    }
    assert!(asked > 3, "only {asked} snapshots had requests under way");
}

/// Whether each sector that the guest has said to be written for good is.
fn synced_sectors_are_there(text: &str, disk: &Disk) -> Result<(), String> {
    for sector in behind(text, "synced") {
        let wanted = [(sector * 7 + 1) as u8; SECTOR];
        if disk.sector(sector as u16) != wanted {
            return Err(format!("sector {sector} is lost"));
        }
    }
    Ok(())
}

/// The power fails in any round: what was synced is there.
#[test]
fn what_was_synced_survives_a_power_cut() {
    let image = image();
    let (mut torn, mut lost) = (0, 0);
    for seed in 0..60 {
        let mut rng = Rng::new(seed);
        let round = 1 + rng.below(100);
        let mut machine = Machine::start(programs(&image), &settings(seed), host(seed, FAULTS)).unwrap();
        let _ = machine.run_to_round(Executor::Tail, round).unwrap();
        let text = String::from_utf8(machine.host.host.0.clone()).unwrap();
        let before = &machine.host.devices.disk;
        let after = before.clone().after_a_power_cut(&mut rng);
        synced_sectors_are_there(&text, &after).unwrap_or_else(|what| panic!("seed {seed}: {what}"));
        torn += (0..15).filter(|&sector| before.sector(sector) != after.sector(sector)).count();
        // The control: a disk that ignores syncs is found out.
        let ignoring = Disk::default().after_a_power_cut(&mut rng);
        lost += usize::from(synced_sectors_are_there(&text, &ignoring).is_err());
    }
    assert!(torn > 5, "only {torn} sectors were torn or lost");
    assert!(lost > 20, "only {lost} disks that ignore syncs were found out");
}
