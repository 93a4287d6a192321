const Q = '`';

/** PERL_SPLITTER for hosts without perl, three times slower. `failed` names the file whose compressor failed. */
export const AWK_SPLITTER = String.raw`
function fail(message) { print "splitter: " message | "cat 1>&2"; close("cat 1>&2"); failed = 1; exit 1 }
function begin(name) { return "{ " compressor "; } > " name " || echo " name " >> failed" }
function finish(name, kind) { close(begin(name)); print "F " kind " " raw[name] + 0 " " name }
function put(name, text) { print text | begin(name); raw[name] += length(text) + 1 }
function name_of(name) { gsub(/${Q}${Q}/, "${Q}", name); return name }
# The text after a name in backquotes at the beginning of text; the name is left in found.
function after_name(text) {
  if (!match(text, /^${Q}([^${Q}]|${Q}${Q})+${Q}/)) { found = ""; return text }
  found = substr(text, 2, RLENGTH - 2)
  return substr(text, RLENGTH + 1)
}
function progress(  row, part, last) {
  if (read - reported < 16777216) return
  reported = read
  print "P " read
  fflush()
  while (("df -Pk ." | getline row) > 0) last = row
  close("df -Pk .")
  split(last, part, " ")
  if (part[4] ~ /^[0-9]+$/ && part[4] + 0 < keep_free) fail("disk: only " part[4] " KB are left")
}
# Rows in a line of tuples; -1 when something else is in it.
function count_rows(text,  rows) {
  gsub(/\\./, "", text)
  gsub(/'[^']*'/, "", text)
  gsub(/_binary /, "", text)
  rows = gsub(/\([0-9A-Za-z.+,-]*\)[,;]/, "", text)
  return text == "" ? rows : -1
}
function no_row() { fail("an INSERT into table " table " (line " NR ") holds something that is no row") }
function no_insert() { fail("among the rows of table " table " (line " NR ") is something that is no INSERT into it") }
# An INSERT is collected whole before it is written: a shard never ends inside a statement.
function tuples(text,  rows) {
  rows = count_rows(text)
  if (rows < 0) no_row()
  pending_rows += rows
  if (substr(text, length(text)) != ";") return
  inside = 0
  # Rows of a MERGE or FEDERATED table lie elsewhere: see PERL_SPLITTER.
  if (!(name_of(table) in skip) && toupper(engine[table]) !~ /^(MRG_|FEDERATED$)/) flush_insert()
  parts = 0; pending_rows = 0; pending_bytes = 0
  progress()
}
function hold(text) { part_of[++parts] = text; pending_bytes += length(text) + 1 }
function flush_insert(  i) {
  if (data != "" && (raw[data] + pending_bytes > shard_size || table != last_table && (raw[data] >= own_size || pending_bytes >= own_size))) { finish(data, "data"); data = "" }
  last_table = table
  if (data == "") data = sprintf("data/%04d.sql.%s", ++shard, ending)
  for (i = 1; i <= parts; i++) put(data, part_of[i])
  rows_in[table] += pending_rows
  bytes_in[table] += pending_bytes
  if (!((data " " table) in seen)) { seen[data " " table] = 1; print "S " data " " name_of(table) }
}
function in_rows(text,  rest) {
  if (inside) { hold(text); tuples(text); return }
  if (text == "UNLOCK TABLES;") { in_table = 0; return }
  rest = text
  if (sub(/^INSERT  ?(IGNORE )?INTO /, "", rest)) {
    rest = after_name(rest)
    if (found != table) no_insert()
    if (substr(rest, 1, 2) == " (") {
      rest = "," substr(rest, 3)
      while (substr(rest, 1, 1) == ",") { sub(/^, ?/, "", rest); rest = after_name(rest); if (found == "") no_insert() }
      if (substr(rest, 1, 1) != ")") no_insert()
      rest = substr(rest, 2)
    }
    if (substr(rest, 1, 7) != " VALUES") no_insert()
    rest = substr(rest, 8)
    inside = 1
    hold(text)
    if (rest == "") return
    if (substr(rest, 1, 1) != " ") no_row()
    tuples(substr(rest, 2))
    return
  }
  if (text ~ /^(set autocommit=0|commit|COMMIT)?;?$/) return
  if (text == "/*!40000 ALTER TABLE ${Q}" table "${Q} DISABLE KEYS */;") return
  if (text == "/*!40000 ALTER TABLE ${Q}" table "${Q} ENABLE KEYS */;") return
  no_insert()
}
BEGIN {
  compressor = ARGV[1]; ending = ARGV[2]; shard_size = ARGV[3] + 0; keep_free = ARGV[4] + 0
  own_size = 524288 # see PERL_SPLITTER
  count = split(ARGV[5], list, "\n")
  for (i = 1; i <= count; i++) if (list[i] != "") skip[list[i]] = 1
  rate = ARGV[6] + 0
  ARGC = 1
  schema = "schema.sql." ending; objects = "objects.sql." ending
  out = schema; delimiter = ";"; tables = 0
  system("mkdir -m 700 data")
  printf "" | begin(schema)
  printf "" | begin(objects)
}
{ read += length($0) + 1; if (rate > 0) for (owed += length($0) + 1; owed >= rate; owed -= rate) system("sleep 1") }
NR == 1 && /^\/\*M!999999\\- enable the sandbox mode \*\/ ?$/ { next }
in_table { in_rows($0); next }
/^DELIMITER [^ \t]+[ \t\r]*$/ { delimiter = $2; if (delimiter != ";") out = objects; put(out, $0); complete = 0; next }
delimiter == ";" {
  if (/^-- (Table|Temporary table|Temporary view|Sequence) structure for /) out = schema
  else if (/^-- (Dumping events|Dumping routines|Final view structure)/ || /^\/\*!50003 /) out = objects
  else if (/^-- Dump completed/) { complete = 1; next }
  else if (/^LOCK TABLES ${Q}.*${Q} WRITE;$/) {
    rest = after_name(substr($0, 13))
    if (rest == " WRITE;") { table = found; in_table = 1; next }
  }
  else if (/^CREATE TABLE ${Q}.*${Q} \($/) {
    rest = after_name(substr($0, 14))
    if (rest == " (") { creating = found; order[++tables] = found; engine[found] = "-"; if (tables == 1) { print "P 0"; fflush() } }
  }
  else if (creating != "" && /^\).*ENGINE=/) {
    match($0, /ENGINE=[A-Za-z0-9_]+/)
    engine[creating] = substr($0, RSTART + 7, RLENGTH - 7)
    creating = ""
  }
  else if (/^(INSERT|REPLACE) /) fail("line " NR ": rows outside of a table's section")
}
{ if ($0 ~ /[^ \t\r]/) complete = 0; put(out, $0); progress() }
END {
  if (failed) exit 1
  if (in_table) fail("the dump ends among the rows of table " table)
  finish(schema, "schema"); finish(objects, "objects")
  if (data != "") finish(data, "data")
  for (i = 1; i <= tables; i++) print "T " rows_in[order[i]] + 0 " " bytes_in[order[i]] + 0 " " engine[order[i]] " " name_of(order[i])
  if (!complete) fail("the trailer is missing: the dump is cut off")
  print "end " read
}
`;
