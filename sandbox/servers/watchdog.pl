#!/usr/bin/perl
# Runs a server and ends it, with everything that came out of it, as soon as stdin ends: the other end of
# that pipe is held by the process that wanted the server, so the server goes however that process goes.
# usage: watchdog.pl FOLDER-TO-REMOVE-OR-EMPTY command argument…
use strict;
use warnings;
use IO::Select;
use POSIX qw(WNOHANG);

my $folder = shift @ARGV;

# PR_SET_CHILD_SUBREAPER: what a server leaves behind (an SSH session has a process group of its own)
# becomes our child, so that it can be found.
my $machine = (POSIX::uname())[4];
my %prctl = (x86_64 => 157, aarch64 => 167);
syscall($prctl{$machine}, 36, 1, 0, 0, 0) if $prctl{$machine};

$SIG{$_} = 'IGNORE' for qw(INT HUP PIPE);
my $ended = 0;
$SIG{TERM} = sub { $ended = 1 };

my $server = fork();
die "fork: $!" unless defined $server;
if ($server == 0) {
    $SIG{$_} = 'DEFAULT' for qw(INT HUP PIPE TERM);
    open(STDIN, '<', '/dev/null');
    exec { $ARGV[0] } @ARGV or do { warn "$ARGV[0]: $!\n"; POSIX::_exit(127) };
}

my $status;
my $stdin = IO::Select->new(\*STDIN);
while (!$ended) {
    while ((my $pid = waitpid(-1, WNOHANG)) > 0) {
        if ($pid == $server) { $status = $?; $ended = 1 }
    }
    last if $ended;
    next unless $stdin->can_read(0.1);
    my $read = sysread(STDIN, my $buffer, 4096);
    $ended = 1 if defined $read && $read == 0;
}

sub descendants {
    my %children;
    for my $file (glob '/proc/[0-9]*/stat') {
        open(my $handle, '<', $file) or next;
        my $line = <$handle> // next;
        push @{ $children{$2} }, $1 if $line =~ /^(\d+) \(.*\) \S (\d+) /s;
    }
    my @found;
    my @next = ($$);
    while (@next) {
        my @below = map { @{ $children{$_} // [] } } @next;
        push @found, @below;
        @next = @below;
    }
    return @found;
}

# First politely (a database may want to write its pages), two seconds later not.
if (!defined $status) {
    kill 'TERM', $server;
    for (1 .. 100) {
        last if waitpid($server, WNOHANG) == $server;
        select(undef, undef, undef, 0.02);
    }
}
for (1 .. 50) {
    my @left = descendants();
    last unless @left;
    kill 'KILL', @left;
    1 while waitpid(-1, WNOHANG) > 0;
    select(undef, undef, undef, 0.02);
}
# Other servers may still be writing there for a moment.
for (1 .. 20) {
    last if $folder eq '' || !-e $folder;
    system('rm', '-rf', '--', $folder);
    select(undef, undef, undef, 0.25) if -e $folder;
}
POSIX::_exit(defined $status ? ($status >> 8 || ($status & 127 ? 1 : 0)) : 0);
