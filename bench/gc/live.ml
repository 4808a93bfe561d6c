(* Pauses: a large live set, of which little changes, and a small rate of allocation. *)
let length = 16

type node = Nil | Node of { next : node; value : int }

let next = function Nil -> Nil | Node { next; _ } -> next
let value = function Nil -> 0 | Node { value; _ } -> value

let () =
  let lists = int_of_string Sys.argv.(1) and steps = int_of_string Sys.argv.(2) in
  let heads = Array.make lists Nil in
  for i = 0 to lists - 1 do
    let head = ref Nil in
    for k = 0 to length - 1 do
      head := Node { next = !head; value = i + k }
    done;
    heads.(i) <- !head
  done;
  let gaps = ref [] and random = ref 1 and sum = ref 0 in
  let before = ref (Unix.gettimeofday ()) in
  for i = 0 to steps - 1 do
    random := !random * 48271 mod 2147483647;
    let at = !random mod lists in
    let head = heads.(at) in
    let short = Sys.opaque_identity (Node { next = head; value = i }) in
    let value = value (next short) in
    sum := !sum + value;
    if i land 7 = 0 then heads.(at) <- Node { next = next head; value = value + 1 };
    if i land 15 = 0 then begin
      let now = Unix.gettimeofday () in
      if now -. !before >= 5e-5 then gaps := Printf.sprintf "%.0f" ((now -. !before) *. 1e9) :: !gaps;
      before := now
    end
  done;
  Printf.printf "%d\ngaps %s\n" !sum (String.concat " " (List.rev !gaps))
