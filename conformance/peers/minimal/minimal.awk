# A peer in a language with one thread and without functions as values: a serial queue in awk. A job is what happens
# between its start and its end. Run it with awk -f; mawk needs -W interactive, or it waits for more lines than one.

# The driver's lines are compact, so a field is found by its name.
function field(name,  value) {
	if (!match($0, "\"" name "\":(\"[^\"]*\"|[0-9]+)")) return ""
	value = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
	gsub(/"/, "", value)
	return value
}

function say(op, fields) {
	printf "{\"op\":\"%s\"%s}\n", op, fields
	fflush()
}

# next_job starts the next job of an object, if none runs.
function next_job(o) {
	if (o in busy || first[o] == last[o]) return
	busy[o] = ++runs
	object[runs] = o
	call[runs] = queue[o, ++first[o]]
	delete queue[o, first[o]]
	say("start", ",\"id\":" call[runs] ",\"run\":" runs ",\"s\":[" o "]")
}

{ op = field("op"); id = field("id"); o = field("o"); kind = field("kind") }

op == "hello" {
	why = "jobs are turns of a loop"
	say("hello", ",\"protocol\":1,\"name\":\"queue in awk\",\"language\":\"awk\",\"model\":\"loop\",\"claims\":{\"caller\":\"" why \
		"\",\"panics\":\"awk has no exceptions\",\"goexit\":\"" why "\",\"crash\":\"awk has no exceptions\"}")
}
op == "new" { first[o] = last[o] = 0; say("ret", ",\"id\":" id) }
op == "call" && kind !~ /^(async|do)$/ { say("error", ",\"id\":" id ",\"code\":\"unknown-kind\",\"text\":\"" kind "\"") }
op == "call" && kind ~ /^(async|do)$/ {
	queue[o, ++last[o]] = id
	if (kind == "async") say("ret", ",\"id\":" id)
	else waits[id]
	next_job(o)
}
op == "end" {
	run = field("run"); o = object[run]
	if (call[run] in waits) say("ret", ",\"id\":" call[run])
	delete waits[call[run]]; delete call[run]; delete object[run]; delete busy[o]
	next_job(o)
}
op == "ping" { say("pong", ",\"id\":" id) }
op == "bye" { exit }
op !~ /^(hello|new|call|end|ping|bye|reset|cancel|drop)$/ { say("error", ",\"id\":" (id == "" ? 0 : id) ",\"code\":\"unknown-op\",\"text\":\"" op "\"") }
