# The zone outlives what happens to nginx: reloads, killed workers, a new binary, a restart; and says when it
# is too small (catalogue, P10 and P2).

use strict;
use warnings;
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::World;

my $server = <<'CONF';
        location /token { ipfence token; proxy_pass http://provider; }
        location /api { ipfence resource; proxy_pass http://provider; }
        location /quiet { ipfence resource; ipfence_audit off; proxy_pass http://provider; }
CONF

my $count = 0;

sub zone_gate { my (%with) = @_; return gate(policy => world(), server => $server, %with) }

sub login {
    my ($gate, %with) = @_;
    my $n = $with{n} // ++$count;
    my $user = $with{user} // 'alice';
    $gate->answers(tokens($user, access_token => "access-$n", refresh_token => "refresh-$n"));
    my $status = $gate->token({grant_type => 'authorization_code', code => "code-$n", client_id => $with{app} // 'relaxed'}, from => inside)->{status};
    $gate->answers(page('ok'));
    return $status == 200 ? "access-$n" : undef;
}

# Allowed from outside only as long as the token and how its session began are known.
sub is_known { my ($gate, $token) = @_; return $gate->request(method => 'GET', path => '/quiet', from => outside, headers => [['Authorization', "Bearer $token"]])->{status} == 200 }

sub workers { my ($master) = @_; return IPFence::Gate::workers_of($master) }

subtest 'reload' => sub {
    my $gate = zone_gate(http => 'ipfence_zone zone=tokens:1m;', workers => 2);
    my $token = login($gate);
    ok($gate->reload, 'all workers are new');
    ok(is_known($gate, $token), 'and know what the old ones learned');
    $gate->{http} = 'ipfence_zone zone=tokens:2m;';
    $gate->write_configuration;
    ok($gate->reload, 'reloaded with another size');
    ok(is_known($gate, $token), 'L07: the larger zone took the records over');
    $gate->{http} = 'ipfence_zone zone=other:2m;';
    $gate->write_configuration;
    $gate->signal('HUP');
    ok(wait_for(sub { !is_known($gate, $token) }), 'a zone of another name is another zone');
    $gate->finish;
};

# How much memory nginx took at most with these words, in MiB.
sub peak_of {
    my ($gate, @words) = @_;
    require 'sys/syscall.ph';
    my %environment = IPFence::Gate::sanitizer_environment();
    my $pid = open(my $peak, '-|') // die "fork: $!";
    if ($pid == 0) {
        @ENV{keys %environment} = values %environment;
        my $status = system join ' ', $gate->nginx_command, @words, '>/dev/null', '2>&1';
        my ($usage, $children) = ("\0" x 144, -1);
        syscall SYS_getrusage(), $children, $usage;
        syswrite STDOUT, $status == 0 ? (unpack 'q*', $usage)[4] >> 10 : 'it fails';
        POSIX::_exit(0);
    }
    return <$peak>;
}

subtest 'a configuration that is only tried' => sub {
    my $gate = zone_gate(http => 'ipfence_zone zone=tokens:200m;');
    my $token = login($gate);
    my $small = zone_gate(http => 'ipfence_zone zone=tokens:1m;');
    for my $words ('-t', '-s reopen') {
        my $without = peak_of($small, $words);
        cmp_ok(peak_of($gate, $words), '<', $without + 50, "nginx $words takes no memory for another zone, but $without MiB");
    }
    $small->finish;
    ok(is_known($gate, $token), 'the zone is as it was');
    $gate->finish;
};

# What the kernel says of a worker's mapping of a zone: kB by name, and the flags.
sub mapping_of_zone {
    my ($worker) = @_;
    my ($mapping) = IPFence::Gate::read_whole("/proc/$worker/smaps") =~ m{/memfd:ipfence:tokens [^\n]*\n(.*?^VmFlags:[^\n]*)}ms;
    return {$mapping =~ /^(\w+):\s+(\d+) kB$/mg, flags => $mapping =~ /^VmFlags:(.*)/m};
}

subtest 'no request waits for a page of the zone' => sub {
    my $gate = zone_gate(http => 'ipfence_zone zone=tokens:9m;', workers => 2);
    my $is_mapped = sub { my $mapping = mapping_of_zone(@_); return $mapping->{Rss} == $mapping->{Size} && $mapping->{Size} == 9 * 1024 };
    my @before = workers($gate->{pid});
    ok(wait_for(sub { !grep { !$is_mapped->($_) } @before }), 'soon every worker has all pages at hand');
    like(mapping_of_zone($before[0])->{flags}, qr/\bhg\b/, 'which may be huge');
    ok($gate->reload, 'all workers are new');
    ok(wait_for(sub { my @now = workers($gate->{pid}); @now == 2 && !grep { !$is_mapped->($_) } @now }), 'and have them, too');
    $gate->finish;
};

# For some seconds, and on a machine that has much else to do until it was enough.
sub goes_on { my ($began, $is_enough) = @_; return time < $began + 4 || (!$is_enough && time < $began + 100) }

subtest 'reloads under load' => sub {
    my $gate = zone_gate(http => 'ipfence_zone zone=tokens:8m;', workers => 2);
    my ($began, $reloads, $failed, @known) = (time, 0, 0);
    while (goes_on($began, $reloads >= 10)) {
        $gate->signal('HUP');
        ++$reloads;
        for (1 .. 8) {
            my $token = eval { login($gate) };
            push @known, $token if $token;
            ++$failed unless $token && eval { is_known($gate, $known[rand @known]) };
        }
    }
    cmp_ok($reloads, '>=', 10, "$reloads reloads");
    is($failed, 0, 'of ' . 2 * 8 * $reloads . ' requests none failed');
    is(scalar(grep { !is_known($gate, $_) } @known), 0, 'of ' . @known . ' tokens none was lost');
    $gate->finish;
};

subtest 'killed workers' => sub {
    my $gate = zone_gate(http => 'ipfence_zone zone=tokens:8m;', workers => 2, expected_log => [qr/exited on signal 9/]);
    my $began = time;
    my ($killed, $wrong, $answered, $failed) = (0, 0, 0, 0);
    my @known;
    while (goes_on($began, $killed >= 10 && $answered >= 50)) {
        if (my @workers = workers($gate->{pid})) {
            $killed += kill KILL => $workers[rand @workers];
        }
        for (1 .. 10) {
            my $token = eval { login($gate) };
            push @known, $token if $token;
            my $sample = $known[rand @known] or next;
            my $response = $gate->request(method => 'GET', path => '/quiet', from => outside, headers => [['Authorization', "Bearer $sample"]]);
            defined $response ? ++$answered : ++$failed;
            ++$wrong if $response && $response->{status} != 200;
            my $unseen = $gate->request(method => 'GET', path => '/quiet', from => outside, headers => [['Authorization', 'Bearer unseen']]);
            ++$wrong if $unseen && $unseen->{status} != 403;
        }
    }
    cmp_ok($killed, '>=', 10, "$killed workers were killed");
    cmp_ok($answered, '>=', 50, "$answered requests were answered, $failed fell with their worker");
    is($wrong, 0, 'L06: none of them wrongly: every token that was given out stays known, every other unknown');
    is(scalar(grep { !is_known($gate, $_) } @known), 0, "all " . @known . " are still known at the end");
    $gate->finish;
};

subtest 'a new binary' => sub {
    # nginx takes the signal only where no one waits for it in the foreground.
    my $gate = zone_gate(http => 'ipfence_zone zone=tokens:1m;', daemon => 1);
    my $token = login($gate);
    my $old = $gate->{pid};
    $gate->signal('USR2');
    ok(wait_for(sub { -s $gate->file('nginx.pid.oldbin') && $gate->master && $gate->master != $old }), 'the new binary runs');
    my $new = $gate->master;
    ok(wait_for(sub { workers($new) }), 'and has workers');
    kill WINCH => $old;
    ok(wait_for(sub { !grep { $_ != $new } workers($old) }), 'the old workers are gone');
    ok(is_known($gate, $token), 'L07: the new ones know what the old ones learned');
    my $later = login($gate);
    kill QUIT => $old;
    ok(wait_for(sub { !IPFence::Gate::is_running($old) }), 'the old master has ended');
    ok(is_known($gate, $later), 'what was learned meanwhile stays');
    $gate->{pid} = $new;
    $gate->finish;
};

subtest 'a new binary, and a zone of another size' => sub {
    my $gate = zone_gate(http => 'ipfence_zone zone=tokens:1m;', daemon => 1);
    my $token = login($gate);
    my $old = $gate->{pid};
    $gate->{http} = 'ipfence_zone zone=tokens:2m;';
    $gate->write_configuration;
    $gate->signal('USR2');
    ok(wait_for(sub { -s $gate->file('nginx.pid.oldbin') && $gate->master && $gate->master != $old && workers($gate->master) }), 'the new binary runs');
    my $new = $gate->master;
    kill QUIT => $old;
    ok(wait_for(sub { !IPFence::Gate::is_running($old) }), 'the old master has ended');
    ok(is_known($gate, $token), 'L07: the larger zone took the records over');
    $gate->{pid} = $new;
    my $zones = sub { scalar grep { (readlink($_) // '') =~ m{\A/memfd:ipfence:tokens } } glob "/proc/$new/fd/*" };
    is($zones->(), 1, 'and the smaller one is let go of');
    $gate->{http} = 'ipfence_zone zone=tokens:3m;';
    $gate->write_configuration;
    ok($gate->reload, 'reloaded with another size');
    ok(is_known($gate, $token), 'which takes them over in turn');
    is($zones->(), 1, 'into the only one there is');
    $gate->finish;
};

subtest 'restart' => sub {
    my $gate = zone_gate(http => 'ipfence_zone zone=tokens:1m snapshot=tokens.snapshot;', expected_log => [qr/damaged/]);
    my $token = login($gate, n => 'canary-token');
    my $restart = sub { kill QUIT => $gate->{pid}; waitpid $gate->{pid}, 0; $_[0]->() if $_[0]; $gate->start };
    $restart->();
    ok(is_known($gate, $token), 'with a snapshot the token is known');
    my $snapshot = $gate->file('tokens.snapshot');
    is((stat $snapshot)[2] & 07777, 0600, 'only its owner may read it');
    unlike(IPFence::Gate::read_whole($snapshot), qr/canary/, 'no token is in it');
    like($gate->error_log, qr/credentials and 1 grants were taken up/, 'it says what was taken up');

    $restart->(sub {
        my $bytes = IPFence::Gate::read_whole($snapshot);
        substr($bytes, 200, 1) ^= "\x01";
        $gate->write_file('tokens.snapshot', $bytes);
        chmod 0600, $snapshot;
    });
    ok(!is_known($gate, $token), 'a damaged one is refused');
    like($gate->error_log, qr/tokens\.snapshot: the snapshot is cut short or damaged; the zone begins empty/, 'with a message');
    my $again = login($gate);
    $restart->(sub { chmod 0666, $snapshot });
    ok(!is_known($gate, $again), 'one that others may write is refused');
    like($gate->error_log, qr/it may be forged/, 'with a message');
    my $said = qx(@{[join ' ', $gate->nginx_command]} -s reopen 2>&1);
    unlike($said, qr/begins empty/, 'nginx -s says nothing of a zone that stays as it is') or diag $said;
    $again = login($gate);
    $restart->(sub { unlink $snapshot });
    ok(!is_known($gate, $again), 'without one the zone begins empty');
    $gate->{expected_log} = [qr/damaged|forged/];
    $gate->finish;
};

# As where the disk was full.
subtest 'a snapshot that cannot be written' => sub {
    my $gate = zone_gate(http => 'ipfence_zone zone=tokens:1m snapshot=tokens.snapshot;');
    my $token = login($gate);
    my $restart = sub { kill QUIT => $gate->{pid}; waitpid $gate->{pid}, 0; $gate->start };
    $restart->();
    my $later = login($gate);
    my $in_the_way = $gate->file("tokens.snapshot.$gate->{pid}.tmp");
    mkdir $in_the_way or die "$in_the_way: $!";
    $restart->();
    like($gate->error_log, qr/no snapshot was written: \S+\.tmp: cannot be created: Is a directory; the next start takes up the one before/, 'the log says so');
    ok(is_known($gate, $token), 'what the one before has is known');
    ok(!is_known($gate, $later), 'and what is later is not');
    $gate->finish;
};

subtest 'filled to the brim' => sub {
    my $gate = gate(policy => world(), http => 'ipfence_zone zone=tokens:256k;', expected_log => [qr/zone is full/],
        server => $server . <<'CONF');
        location /flood { ipfence token; ipfence_user flooder; proxy_pass http://127.0.0.1:PORT/echo; }
        location /echo { ipfence off; default_type application/json;
            return 200 '{"access_token":"access-flood-$http_x_number","refresh_token":"refresh-flood-$http_x_number"}'; }
CONF
    my $victim = login($gate, user => 'victim');
    my $floods = 900;
    my $flood = sub { $gate->token({grant_type => 'authorization_code', code => "f-$_[0]", client_id => 'relaxed'}, path => '/flood', headers => [['X-Number', $_[0]]])->{status} };
    is(scalar(grep { $flood->($_) != 200 } 1 .. $floods), 0, 'every answer went out');
    ok(is_known($gate, $victim), 'the other user is still known');
    ok(is_known($gate, "access-flood-$floods"), 'L02: and so is the flooder\'s last token');
    my $known = grep { is_known($gate, "access-flood-$_") } 1 .. $floods;
    cmp_ok($known, '<', $floods, "of the flooder's $floods tokens $known are known");
    like($gate->error_log, qr/zone is full: a live record gave way/, 'L04: the log says so');
    $gate->finish;
};

# Whoever signs in can ask for codes without end and redeem none, in a new session each time.
subtest 'codes that nobody redeems' => sub {
    my $gate = gate(policy => world(), http => 'ipfence_zone zone=tokens:256k; ipfence_session_cookie sid;', expected_log => [qr/zone is full/],
        server => $server . <<'CONF');
        location /auth { ipfence authorization; ipfence_audit off; proxy_pass http://127.0.0.1:PORT/authorize; }
        location /authorize { ipfence off; add_header Set-Cookie "sid=$arg_n" always; return 303 "https://app.test/cb?code=$arg_n"; }
CONF
    my @tokens = map { login($gate, user => "victim-$_") } 1 .. 60;
    for my $n (1 .. 1000) {
        my $status = $gate->request(method => 'GET', path => "/auth?client_id=web&n=flood-$n")->{status};
        $status == 303 or die $status;
    }
    like($gate->error_log, qr/zone is full/, 'a thousand of them fill the zone');
    is(scalar(grep { !is_known($gate, $_) } @tokens), 0, 'P7: but displace nobody who has signed in');
    $gate->finish;
};

# It is written when nginx ends: who reads of it then has lost all sessions.
for my $case (['missing/tokens.snapshot', qr/\[warn\].* no snapshot can be written into "\S+missing\/", .*unknown after a restart \(2: No such file or directory\)/], ['tokens.snapshot', undef]) {
    my ($snapshot, $warning) = @$case;
    my ($code, $output) = gate(stopped => 1, http => "ipfence_zone zone=tokens:1m snapshot=$snapshot;")->test_configuration;
    is($code, 0, "$snapshot: no error");
    $warning ? like($output, $warning, "$snapshot: a warning") : unlike($output, qr/\[warn\]/, "$snapshot: nothing to warn of");
}

for my $bad (['tokens:1k', 'too small'], ['tokens', 'no size'], [':1m', 'no name'], ['tokens:1m bad=1', 'unknown word'], ['tokens:1m snapshot=', 'no file']) {
    my ($words, $what) = @$bad;
    my ($code, $output) = gate(stopped => 1, http => "ipfence_zone zone=$words;")->test_configuration;
    is($code, 1, "$what: refused by nginx -t");
    like($output, qr/ipfence_zone.*nginx\.conf:\d+/, "$what: says where");
}

done_testing;
