(* A large map that lives long and keeps changing: each step takes the oldest entry out, puts a new one in and reads one. *)
type entry = { key : int; stamp : int }

module Table = Hashtbl.Make (struct
  type t = int

  let equal = Int.equal
  let hash key = key land max_int
end)

let key_of i = i * 2654435761 land 0xffffffff

let insert map i =
  let key = key_of i in
  Table.replace map key { key; stamp = i }

let () =
  let size = int_of_string Sys.argv.(1) and steps = int_of_string Sys.argv.(2) in
  let map = Table.create 16 in
  for i = 0 to size - 1 do
    insert map i
  done;
  let random = ref 1 and sum = ref 0 in
  for i = 0 to steps - 1 do
    Table.remove map (key_of i);
    insert map (i + size);
    random := !random * 48271 mod 2147483647;
    sum := !sum + (Table.find map (key_of ((!random mod size) + i + 1))).stamp
  done;
  Printf.printf "%d\n" (!sum + Table.length map)
