(* Strings: lines put together from small pieces, split, joined again, and all of them collected in a buffer. *)
let fields = 16

let () =
  let lines = int_of_string Sys.argv.(1) in
  let buffer = Buffer.create 32 and sum = ref 0 in
  for i = 1 to lines do
    let line = ref "" in
    for k = 1 to fields do
      line := !line ^ "k";
      line := !line ^ string_of_int (i * k);
      line := !line ^ ","
    done;
    let parts = String.split_on_char ',' !line in
    sum := !sum + List.length parts;
    Buffer.add_string buffer (String.concat ";" parts)
  done;
  let text = Buffer.contents buffer in
  let length = String.length text in
  sum := !sum + length + Char.code text.[length / 2];
  Printf.printf "%d\n" !sum
