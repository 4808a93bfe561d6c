(* Fragmentation: arrays of bytes of all sizes from 16 B to almost 64 KiB in a table of slots. *)
let () =
  let slots = int_of_string Sys.argv.(1) and steps = int_of_string Sys.argv.(2) in
  let table = Array.make slots Bytes.empty in
  let random = ref 1 and sum = ref 0 and alive = ref 0 and alive_max = ref 0 in
  let next () =
    random := !random * 48271 mod 2147483647;
    !random
  in
  for i = 0 to steps - 1 do
    let most = (next () mod slots) + 1 in
    let slot = next () mod most in
    let least = 1 lsl (next () mod 12) in
    let size = ((next () mod least) + least) * 16 in
    let old = table.(slot) in
    let length = Bytes.length old in
    if length > 0 then begin
      alive := !alive - length;
      sum := !sum + Bytes.get_uint8 old 0 + Bytes.get_uint8 old (length - 1)
    end;
    let made = Bytes.make size '\000' in
    Bytes.set_uint8 made 0 (i land 255);
    Bytes.set_uint8 made (size - 1) (i land 255);
    table.(slot) <- made;
    alive := !alive + size;
    if !alive > !alive_max then alive_max := !alive
  done;
  Printf.printf "%d\n%d\n" !sum !alive_max
