(* A linked list of many million elements: built, summed, turned round in place, thinned out, and copied. *)
type node = Nil | Node of { mutable next : node; value : int }

let build size =
  let head = ref Nil in
  for i = 0 to size - 1 do
    head := Node { next = !head; value = i }
  done;
  !head

let rec sum_of sum = function
  | Nil -> sum
  | Node { next; value } -> sum_of (((sum * 31) + value) land 0xffffffff) next

let rec reverse ahead = function
  | Nil -> ahead
  | Node n as node ->
      let rest = n.next in
      n.next <- ahead;
      reverse node rest

let rec thin = function
  | Node ({ next = Node { next = rest; _ }; _ } as n) ->
      n.next <- rest;
      thin rest
  | _ -> ()

let rec doubled copy = function
  | Nil -> copy
  | Node { next; value } -> doubled (Node { next = copy; value = value + value }) next

let () =
  let head = build (int_of_string Sys.argv.(1)) in
  let sum = sum_of 0 head in
  let head = reverse Nil head in
  let sum = sum + sum_of 0 head in
  thin head;
  let copy = doubled Nil head in
  let sum = sum + sum_of 0 copy in
  let sum = sum + sum_of 0 head in
  Printf.printf "%d\n" sum
