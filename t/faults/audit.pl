# Audit logs that cannot be written, or are taken away. Nobody waits for them, and what is lost is said.

package IPFence::Fault::Audit;

use strict;
use warnings;
use IPFence::Fault;
use Time::HiRes qw(sleep time);

my $lost = qr/(audit lines are lost, write\(\) to [^\n]*?; free space or mend its permissions)/;

fault audit_full => (
    id => 'P4',
    gate => {own_audit => 1, http => 'ipfence_audit /dev/full;', expected_log => [$lost]},
    inject => sub { my ($gate, $end) = @_; return every(0.1, $end, sub { }) },
    says => $lost,
    fails => 0,
    unaudited => 1,
);

# The disk is full and has room again, in turn: every line that was written is whole, but for those that the end of
# the disk cut.
fault audit_disk_full => (
    id => 'P4',
    gate => {workers => 1, ignored_signal => 'XFSZ', expected_log => [$lost]},
    inject => sub {
        my ($gate, $end, $seconds) = @_;
        my $file = $gate->file('audit.ndjson');
        my ($worker) = workers($gate);
        my $give = sub { my ($room) = @_; limit($worker, "fsize=$room:unlimited") };
        return every($seconds / 12, $end, sub {
            my $room;
            do { $give->($room = (-s $file) + 3_000) } until -s $file < $room;    # or the end would cut no line
            sleep 0.01 while -s $file < $room && time < $end;
            sleep $seconds / 12;
            $give->('unlimited');
        });
    },
    mend => sub { my ($gate) = @_; limit($_, 'fsize=unlimited') for workers($gate) },
    says => qr/(audit lines are written again; this worker has lost \d+)/,
    fails => 0,
    unaudited => 1,
    check => sub {
        my ($gate) = @_;
        my @lines = split /\n/, IPFence::Gate::read_whole($gate->file('audit.ndjson'));
        my @glued = grep { /\{"time".*\{"time"/ } @lines;
        return 'no line was cut: the disk was never full' unless grep { !/\}\z/ } @lines;
        return @glued ? @glued . " audit lines were added to a line that had been cut, such as $glued[0]" : ();
    },
);

# Renamed, and reopened on USR1, under load: no line is lost or cut.
fault audit_rotated => (
    id => 'P4',
    inject => sub {
        my ($gate, $end, $seconds) = @_;
        my $rotated = 0;
        return every($seconds / 12, $end, sub {
            rename $gate->file('audit.ndjson'), $gate->file('audit.' . ++$rotated);
            $gate->signal('USR1');
            wait_for(sub { -e $gate->file('audit.ndjson') });
        });
    },
    audit => sub { my ($gate) = @_; return map { split /\n/, IPFence::Gate::read_whole($_) } glob $gate->file('audit.*') },
    says => qr/(reopening logs)/,
    fails => 0,
);

fault audit_removed => (
    id => 'P4',
    inject => sub {
        my ($gate, $end, $seconds) = @_;
        return every($seconds / 6, $end, sub {
            unlink $gate->file('audit.ndjson');
            $gate->signal('USR1');
        });
    },
    says => qr/(reopening logs)/,
    fails => 0,
    unaudited => 1,
    check => sub {
        my ($gate) = @_;
        my $is_written = sub {
            $gate->token({grant_type => 'password', username => 'alice', password => 'pw', client_id => 'after'});
            return IPFence::Gate::read_whole($gate->file('audit.ndjson')) =~ /"app":"after"/;
        };
        return wait_for($is_written) ? () : 'the file was not opened again';
    },
);

1;
