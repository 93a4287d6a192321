/**
 * Cuts a dump (stdin) into schema.sql, data shards and objects.sql, each through a compressor of its own, and counts rows.
 * Arguments: compressor, ending, bytes per shard, kilobytes that must stay free, tables without rows (one a line), bytes
 * per second at most (0: all). Run with LC_ALL=C in the empty folder of the backup.
 *
 * Rows stand between LOCK TABLES and UNLOCK TABLES, a statement begins a line, newlines in values are \n. Anything else
 * there than INSERTs of literals into that table ends the dump: a shard holds nothing else.
 *
 * Prints `P bytes` (progress), `T rows bytes engine name`, `F kind rawBytes file`, `S file name` (table in shard), `end
 * bytes` last. Errors: stderr, exit code 1.
 */
/** A backquote: it cannot stand inside a template. */
const Q = '`';

export const PERL_SPLITTER = String.raw`
use strict; use warnings; no warnings 'regexp';
my ($compressor, $ending, $shard_size, $keep_free, $skipped, $rate) = @ARGV;
my %skip = map { $_ => 1 } split /\n/, $skipped // '';
binmode STDIN; binmode STDOUT; $| = 1;
# A larger pipe from the dump program (F_SETPIPE_SZ, Linux): the two wait less for each other. Elsewhere it fails, unseen.
fcntl(STDIN, 1031, 1048576);
my (%tables, @order, %in_shard);
my ($read, $reported, $shard, $line, $owed) = (0, 0, 0, 0, 0);
# A table with an INSERT of this size has its shards for itself: such a shard can be loaded without being parsed.
my $own_size = 524288;

sub fail { print STDERR "splitter: $_[0]\n"; exit 1; }
sub start {
  my ($name, $as) = @_;
  pipe(my $r, my $w) or fail("no pipe: $!");
  my $child = fork(); defined $child or fail("no process: $!");
  if (!$child) {
    close $w; open(STDIN, '<&', $r) or exit 1;
    open(STDOUT, '>', $name) or exit 1;
    exec('sh', '-c', "exec $compressor") or exit 1;
  }
  close $r;
  fcntl($w, 1031, 1048576);
  return { fd => $w, pid => $child, name => $name, kind => $as, raw => 0 };
}
sub put {
  my ($out, $at, $length) = ($_[0], 0, length $_[1]);
  while ($at < $length) {
    my $n = syswrite($out->{fd}, $_[1], $length - $at, $at);
    defined $n or fail("cannot write $out->{name}: $!");
    $at += $n;
  }
  $out->{raw} += $length;
}
sub name_of { my ($name) = @_; $name =~ s/${Q}${Q}/${Q}/g; return $name; }
sub finish {
  my ($out) = @_;
  close $out->{fd};
  waitpid($out->{pid}, 0);
  $? == 0 or fail("the compressor of $out->{name} ended with " . ($? >> 8));
  print "F $out->{kind} $out->{raw} $out->{name}\n";
}
sub progress {
  $read - $reported < 16777216 and return;
  $reported = $read;
  print "P $read\n";
  my ($row) = reverse qx(df -Pk .);
  my $free = (split ' ', $row // '')[3];
  defined $free && $free =~ /^\d+$/ && $free < $keep_free and fail("disk: only $free KB are left");
}
sub next_line {
  my $text = <STDIN>;
  defined $text or return;
  $read += length $text; $line++;
  if ($rate) { for ($owed += length $text; $owed >= $rate / 10; $owed -= $rate / 10) { select(undef, undef, undef, 0.1); } }
  return $text;
}
# Tuples of an INSERT from pos on, by single steps: a value may be longer than a regular expression can follow.
sub slow_tuple {
  for ($_[0]) {
    /\G\(/gc or return 0;
    while (1) {
      /\G[0-9A-Za-z.+,-]+/gc and next;
      /\G_binary /gc and next;
      if (/\G'/gc) {
        1 while /\G[^'\\]*+(?:\\.[^'\\]*+){1,1000}/gcs;
        /\G[^'\\]*+'/gc or return 0;
        next;
      }
      return /\G\)[,;]\n?/gc ? 1 : 0;
    }
  }
}
sub count_rows {
  my $rows = 0;
  for ($_[0]) {
    while (pos() < length) {
      if (/\G\([0-9A-Za-z.+,-]*+(?:'[^'\\]*+(?:\\.[^'\\]*+)*+'[0-9A-Za-z.+,-]*+)*+\)[,;]\n?/gcs) { $rows++; next; }
      slow_tuple($_[0]) or return -1;
      $rows++;
    }
    substr($_, -2) eq ";\n" or return -1;
  }
  return $rows;
}
my ($schema, $objects, $data);
$schema = start("schema.sql.$ending", 'schema');
$objects = start("objects.sql.$ending", 'objects');
mkdir "data", 0700;

# Rows of one table, up to UNLOCK TABLES.
sub rows_of {
  my ($table) = @_;
  my $quoted = quotemeta $table;
  # Rows of a MERGE table are its members'; not every dump program leaves them out. A FEDERATED one's are another server's.
  my $elsewhere = $tables{$table} && $tables{$table}{engine} =~ /^(?:MRG_|FEDERATED$)/i;
  while (defined(my $text = next_line())) {
    if ($text =~ /^INSERT  ?(?:IGNORE )?INTO ${Q}$quoted${Q}(?: \((?:${Q}(?:[^${Q}]|${Q}${Q})+${Q}(?:, ?)?)+\))? VALUES\s/gc) {
      if (substr($text, -2) ne ";\n") {
        my $at = pos $text;
        local $/ = ";\n";
        my $rest = next_line() // '';
        $text .= $rest;
        pos($text) = $at;
      }
      my $rows = count_rows($text);
      $rows < 0 and fail("an INSERT into table $table (line $line) holds something that is no row");
      $skip{name_of($table)} or $elsewhere or add_rows($table, $rows, $text);
      progress();
      next;
    }
    $text eq "UNLOCK TABLES;\n" and return;
    $text =~ m{^(?:/\*!40000 ALTER TABLE ${Q}$quoted${Q} (?:DISABLE|ENABLE) KEYS \*/|set autocommit=0|commit|COMMIT)?;?\n$} and next;
    fail("among the rows of table $table (line $line) is something that is no INSERT into it");
  }
  fail("the dump ends among the rows of table $table");
}
sub add_rows {
  my ($table, $rows) = @_;
  if ($data) {
    my $other = $data->{table} ne $table && ($data->{raw} >= $own_size || length($_[2]) >= $own_size);
    if ($other || $data->{raw} + length($_[2]) > $shard_size) { finish($data); undef $data; }
  }
  $data //= start(sprintf("data/%04d.sql.%s", ++$shard, $ending), 'data');
  $data->{table} = $table;
  put($data, $_[2]);
  $tables{$table}{rows} += $rows; $tables{$table}{bytes} += length $_[2];
  $in_shard{"$data->{name} $table"}++ or print "S $data->{name} ", name_of($table), "\n";
}
my ($delimiter, $out, $complete, $creating) = (';', $schema, 0, undef);
while (defined(my $text = next_line())) {
  if ($line == 1 && $text =~ m{^/\*M!999999\\- enable the sandbox mode \*/ ?\n$}) { next; }
  if ($text =~ /^DELIMITER (\S+)\s*$/) { $delimiter = $1; $delimiter ne ';' and $out = $objects; }
  elsif ($delimiter eq ';') {
    if ($text =~ /^-- (?:Table|Temporary table|Temporary view|Sequence) structure for /) { $out = $schema; }
    elsif ($text =~ /^-- (?:Dumping events|Dumping routines|Final view structure)/ || $text =~ m{^/\*!50003 }) { $out = $objects; }
    elsif ($text =~ /^-- Dump completed/) { $complete = 1; next; }
    elsif ($text =~ /^LOCK TABLES ${Q}((?:[^${Q}]|${Q}${Q})+)${Q} WRITE;$/) { rows_of($1); next; }
    elsif ($text =~ /^CREATE TABLE ${Q}((?:[^${Q}\n]|${Q}${Q})+)${Q} \($/) {
      $creating = $1; push @order, $creating; $tables{$creating} = { rows => 0, bytes => 0, engine => '-' };
      @order == 1 and print "P 0\n";
    }
    elsif (defined $creating && $text =~ /^\)(?:.*?) ?ENGINE=(\w+)/) { $tables{$creating}{engine} = $1; undef $creating; }
    elsif ($text =~ /^(?:INSERT|REPLACE) /) { fail("line $line: rows outside of a table's section"); }
  }
  $text =~ /\S/ and $complete = 0;
  put($out, $text);
  progress();
}
finish($_) for grep { defined } $schema, $objects, $data;
print "T $tables{$_}{rows} $tables{$_}{bytes} $tables{$_}{engine} ", name_of($_), "\n" for @order;
$complete or fail('the trailer is missing: the dump is cut off');
print "end $read\n";
`;
