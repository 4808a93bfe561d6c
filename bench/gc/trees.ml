(* Binary trees: many short-lived ones beside one that lives for the whole run. *)
let depth_min = 4

type tree = Leaf | Node of tree * tree

(* A leaf is a node of its own, as in the other languages. *)
let rec make depth =
  if depth = 0 then Node (Leaf, Leaf)
  else
    let left = make (depth - 1) in
    let right = make (depth - 1) in
    Node (left, right)

let rec count = function
  | Leaf -> 0
  | Node (left, right) -> 1 + count left + count right

let () =
  let depth_max = int_of_string Sys.argv.(1) in
  let sum = ref (count (make (depth_max + 1))) in
  let long_lived = make depth_max in
  let depth = ref depth_min in
  while !depth <= depth_max do
    for _ = 1 to 1 lsl (depth_max - !depth + depth_min) do
      sum := !sum + count (make !depth)
    done;
    depth := !depth + 2
  done;
  sum := !sum + count long_lived;
  Printf.printf "%d\n" !sum
