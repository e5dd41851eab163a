# Policy files that are cut, replaced, removed, or rewritten all the time, each time with a reload: a policy with a
# fault never takes the place of one without.

package IPFence::Fault::Policy;

use strict;
use warnings;
use IPFence::Fault;
use IPFence::Load qw(mirrored);
use IPFence::World qw(world);
use JSON::PP;
use List::Util qw(shuffle);

my $text = JSON::PP->new->canonical->pretty->encode(world());
my @expected_log = (qr/\[emerg\].*(?:policy\.json|users\.ndjson)/);

# Reloads, and waits until the log has told what came of it: refused; or the new configuration has workers.
sub reload {
    my ($gate, $name) = @_;
    my $refused = sub { return scalar(() = $gate->error_log =~ /\[emerg\].*\Q$name\E/g) };
    my $taken_up = sub { return scalar(() = $gate->error_log =~ /gracefully shutting down/g) };
    my ($refused_before, $taken_up_before) = ($refused->(), $taken_up->());
    $gate->signal('HUP');
    wait_for(sub { $refused->() > $refused_before || $taken_up->() > $taken_up_before });
    push @{$gate->{taken_up}}, $_[2] if $refused->() == $refused_before;
}

sub was_taken_up {
    my ($gate) = @_;
    return map { "taken up, or not reported: $_" } @{$gate->{taken_up} // []};
}

sub mend {
    my ($gate) = @_;
    system 'rm', '-rf', $gate->file('policy.json');
    $gate->write_policy($gate->{policy});
    $gate->signal('HUP');
}

# Every byte but the last, which is the line end after the last bracket: in any order, as far as time allows.
sub cut {
    my ($name, $whole) = @_;
    return sub {
        my ($gate, $end) = @_;
        my @lengths = shuffle 0 .. length($whole) - 2;
        my $cuts = every(0.02, $end, sub {
            my $length = shift @lengths;
            push @lengths, $length;
            $gate->overwrite_file($name, substr $whole, 0, $length);
            reload($gate, $name, "$name, cut after $length bytes");
        });
        $gate->overwrite_file($name, $whole);
        return $cuts;
    };
}

fault policy_cut => (
    id => 'P3, N01',
    gate => {expected_log => \@expected_log},
    inject => cut('policy.json', $text),
    mend => \&mend,
    says => qr/policy\.json:\d+: ([^\n]*)/,
    fails => 0,
    check => \&was_taken_up,
);

# Whoever is missing in the users file is unrestricted here: a cut would open.
my $users = join '', map { "$_\n" } '{"user":"robin","profile":"anywhere"}', (map { qq({"user":"user$_","profile":"office"}) } 1 .. 20),
    '{"user":"alice","profile":"office"}', '{"users":22}';
fault users_cut => (
    id => 'P3, N01',
    gate => sub {
        my $policy = world(default_profile => 'anywhere');
        delete $policy->{users};
        return (policy => {%$policy, users_file => 'users.ndjson'}, files => {'users.ndjson' => $users}, expected_log => \@expected_log);
    },
    inject => cut('users.ndjson', $users),
    mend => \&mend,
    says => qr/users\.ndjson:\d+: ([^\n]*cut short)/,
    fails => 0,
    check => \&was_taken_up,
);

my %garbage = (
    'nothing' => '',
    'zeros' => "\0" x 4096,
    'noise' => join('', map { chr((7 + 31 * $_ * $_) % 256) } 1 .. 4096),
    'a page' => '<!DOCTYPE html><html><body>502 Bad Gateway</body></html>',
    'null' => 'null',
    'a list' => "[$text]",
    'another object' => '{}',
    'depth' => '[' x 100_000,
    'another version' => $text =~ s/"ipfence" : 1/"ipfence" : 2/r,
    'twice' => $text . $text,
    'a member twice' => $text =~ s/\{/{"users":{},/r,
    'an unknown member' => $text =~ s/\{/{"user":{},/r,
    'no ranges' => $text =~ s/"login_ip_ranges" : \[[^\]]*\]/"login_ip_ranges" : []/r,
    'a range that is none' => $text =~ s{127\.0\.1\.0/24}{127.0.1.0/33}r,
    'no profile of that name' => $text =~ s/"alice" : "office"/"alice" : "offlce"/r,
);
fault policy_garbage => (
    id => 'P3, N02',
    gate => {expected_log => \@expected_log},
    inject => sub {
        my ($gate, $end) = @_;
        return in_turn(0.02, $end, map {
            my $name = $_;
            sub {
                $gate->overwrite_file('policy.json', $garbage{$name});
                reload($gate, 'policy.json', $name);
            }
        } sort keys %garbage);
    },
    mend => \&mend,
    says => qr/policy\.json:\d+: ([^\n]*)/,
    fails => 0,
    check => \&was_taken_up,
);

fault policy_removed => (
    id => 'P3',
    gate => {expected_log => \@expected_log},
    inject => sub {
        my ($gate, $end) = @_;
        my @ways = (
            sub { unlink $gate->file('policy.json') },
            sub { symlink 'nowhere', $gate->file('policy.json') },
            sub { unlink $gate->file('policy.json'); mkdir $gate->file('policy.json') },
            sub { rmdir $gate->file('policy.json') },
        );
        return in_turn(0.05, $end, map { my $way = $_; sub { $way->(); reload($gate, 'policy.json', 'a file that is not there') } } @ways);
    },
    mend => \&mend,
    says => qr/policy\.json(?::\d+)?: ([^\n]*(?:No such file|directory)[^\n]*)/,
    fails => 0,
    check => \&was_taken_up,
);

# Fifty times a second, whole and not, renamed and rewritten in place; and reloads in between.
fault policy_swapped => (
    id => 'P3',
    gate => {expected_log => \@expected_log, mirrored => mirrored()},
    inject => sub {
        my ($gate, $end, $seconds) = @_;
        my $other = JSON::PP->new->canonical->pretty->encode(mirrored());
        my @policies = (substr($text, 0, 300), $other, $text, "\0\0", $other, $text);
        my $reload = 0;
        return every(0.02, $end, sub {
            push @policies, shift @policies;
            rand() < 0.5 ? $gate->overwrite_file('policy.json', $policies[-1]) : $gate->write_policy($policies[-1]);
            $gate->signal('HUP') if $reload++ % ($seconds < 10 ? 5 : 50) == 0;
        });
    },
    mend => \&mend,
    says => qr/policy\.json:\d+: ([^\n]*)/,
    fails => 0,
);

1;
