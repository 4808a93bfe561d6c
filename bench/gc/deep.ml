(* Recursion that allocates: each level keeps a node, with that of its caller, and makes eight that die at once. *)
let garbage = 8

type node = Nil | Node of { next : node; value : int }

let value = function Nil -> 0 | Node { value; _ } -> value

let rec down level above =
  if level = 0 then 0
  else begin
    let kept = Node { next = above; value = level } in
    let short = ref kept in
    for k = 0 to garbage - 1 do
      short := Node { next = !short; value = k }
    done;
    let short = Sys.opaque_identity !short in
    let sum = down (level - 1) kept in
    (sum + value kept + value short) land 0xffffffff
  end

let () =
  let levels = int_of_string Sys.argv.(1) and times = int_of_string Sys.argv.(2) in
  let sum = ref 0 in
  for _ = 1 to times do
    sum := (!sum + down levels Nil) land 0xffffffff
  done;
  Printf.printf "%d\n" !sum
