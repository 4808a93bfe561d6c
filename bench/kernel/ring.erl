% A number goes round a ring of processes; each takes 1 off. Who gets 0 tells the first process.
-module(ring).
-export([main/1]).

main([A, B]) ->
    Members = list_to_integer(A),
    Hops = list_to_integer(B),
    Me = self(),
    Next = build(Members - 1, Me, Me),
    Next ! Hops,
    io:format("~w~n", [member(Next, Me, first)]),
    halt(0).

build(0, Next, _) -> Next;
build(K, Next, First) ->
    build(K - 1, spawn(fun() -> member(Next, First, other) end), First).

member(Next, First, Which) ->
    receive
        0 when Which =:= first -> 0;
        0 -> First ! 0;
        N ->
            Next ! (N - 1),
            member(Next, First, Which)
    end.
