# docs/rollout.md and docs/locked-out.md: their commands do what they say, with the configuration and the policy that are shipped.
# README.md: its policy, its question and its configuration are none that fail. Installed pages lead to what is there.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Find qw(find);
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Document;
use IPFence::Gate;
use IPFence::Shipped;
use IPFence::World;

my $conf = abs_path(dirname(__FILE__) . '/../../conf');

# A gate that trusts one address to say where a request is from, and whose audit log has what a full disk left of a line.
sub company {
    my $gate = shipped_gate(
        policy => IPFence::Gate::read_whole("$conf/policy.json"),
        server => "ipfence_trusted_proxies ${\ inside };",
    );
    $gate->overwrite_file('audit.ndjson', qq({"time":"2026-11-23T17:00:00+00:00","request_id":"0\n));
    $gate->{audit_read} = -s $gate->file('audit.ndjson');
    return $gate;
}

# A login with a code at an app: what the app gets.
sub login {
    my ($gate, $user, $app, $address) = @_;
    $gate->answers(tokens($user, claims => {preferred_username => $user}, access_token => 'a' . rand, refresh_token => 'r' . rand));
    my $response = $gate->request(
        path => '/oauth/token',
        headers => [['X-Forwarded-For', $address]],
        body => form({grant_type => 'authorization_code', code => 'c' . rand, client_id => $app}),
    );
    return $response->{status};
}

# Whether it comes to this within the time that a change takes.
sub becomes {
    my ($expected, $what, @login) = @_;
    my $deadline = time + 20;
    my $status;
    do { sleep 0.1; $status = login(@login) } until $status == $expected || time > $deadline;
    is($status, $expected, $what);
}

# Until the candidate is there, and has decided one login.
sub flips {
    my ($gate, @login) = @_;
    my $deadline = time + 20;
    my $status;
    do { sleep 0.1; $status = login(@login) } until $gate->last_audit->{candidate_flip} || time > $deadline;
    is($status, 200, 'a candidate denies nothing');
}

subtest 'docs/locked-out.md' => sub {
    my $gate = company();
    my @alice = ($gate, 'alice@example.com', 'web', '203.0.113.50');
    is(login(@alice), 400, 'she is locked out');
    run_document('docs/locked-out.md', $gate,
        'mv policy\.new' => sub { becomes(200, 'the place is let in', @alice) },
        'mv /etc/nginx/policy\.before' => sub { becomes(400, 'and no longer', @alice) },
        'monitor until=\$until' => sub { becomes(200, 'all pass', @alice) },
        'enforce;/\'' => sub { becomes(400, 'and no longer', @alice) },
    );
    $gate->finish;
};

subtest 'docs/rollout.md' => sub {
    my $gate = company();
    my @alice = ($gate, 'alice@example.com', 'web', '203.0.113.50');
    my @bob = ($gate, 'bob@example.com', 'status-page', '192.0.2.1');
    is(login(@alice), 400, 'the shipped configuration enforces');
    run_document('docs/rollout.md', $gate,
        'monitor;/\'' => sub {
            becomes(200, 'nobody is denied', @alice);
            becomes(200, 'whoever it is', $gate, 'bob@example.com', 'web', '192.0.2.1');
        },
        'enforce;/\'' => sub { becomes(400, 'some are', $gate, 'carol@example.com', 'web', '192.0.2.1') },
        'ipfence_candidate' => sub { flips($gate, @bob) },
        'mv policy\.new' => sub {
            becomes(400, 'the next policy is in force', @bob);
            like($gate->error_log, qr/policy [0-9a-f]{12} is in force, in place of/, 'and the error log says so');
        },
        'mv policy\.before' => sub { becomes(200, 'and no longer', @bob) },
    );
    $gate->finish;
};

subtest 'README.md' => sub {
    my $gate = gate(stopped => 1);
    my @blocks = blocks('README.md');
    my ($policy) = map { $_->{text} } grep { $_->{text} =~ /"ipfence": 1/ } @blocks;
    $gate->write_file('policy.json', $policy);
    my ($question) = map { $_->{text} } grep { $_->{text} =~ /ipfence explain/ } @blocks;
    my ($status, $output) = run_commands($gate, "ipfence check policy.json\n" . ($question =~ s{build/ipfence}{ipfence}r));
    is($status, 0, 'its policy is right, and explains something') or diag $output;
    like($output, qr/decision +allow\n +reason +relaxed_app\n/, 'which is what the audit line of the guide says');

    my ($configuration) = map { $_->{text} } grep { $_->{language} eq 'nginx' } @blocks;
    for (['/path/to/ngx_http_ipfence_module.so' => IPFence::Gate::module_path()], ['/path/to/conf' => $conf],
        ['/etc/nginx' => $gate->{dir}], ['/var/log/nginx' => $gate->{dir}], ['listen 443 ssl http2;' => "listen 127.0.0.1:$gate->{port};"]) {
        my ($what, $by) = @$_;
        $configuration =~ s/\Q$what\E/$by/g or fail("the guide has no $what any more");
    }
    mkdir $gate->file('logs');  # where nginx has its access log, unless it is Debian's
    $gate->write_file('nginx.conf', "$configuration\npid $gate->{dir}/nginx.pid; error_log $gate->{dir}/error.log;\n");
    my ($exit, $said) = $gate->test_configuration;
    is($exit, 0, 'its configuration is one') or diag $said;
};

# A block that is not on lines of its own is text to every reader of it, run_document among them.
subtest 'blocks' => sub {
    for my $page (map { s{.*/(?=docs/)|.*/}{}r } glob("$conf/../*.md $conf/../docs/*.md")) {
        my @lines = split /\n/, IPFence::Gate::read_whole("$conf/../$page");
        my @broken = grep { $lines[$_ - 1] =~ /```/ && $lines[$_ - 1] !~ /\A *```\w*\z/ } 1 .. @lines;
        is_deeply(\@broken, [], "$page: each begins and ends on a line of its own");
    }
};

# What an installed page leads to lies beside it, as in the sources.
subtest 'cmake --install' => sub {
    my $directory = tempdir(CLEANUP => 1);
    my $build = dirname(IPFence::Gate::command_path());
    my $said = qx(DESTDIR='$directory' cmake --install '$build' 2>&1);
    is($?, 0, 'installs') or diag $said;
    my @pages;
    find(sub { push @pages, $File::Find::name if /\.md\z/ }, $directory);
    cmp_ok(scalar @pages, '>', 15, 'the pages too');
    for my $page (@pages) {
        my $text = IPFence::Gate::read_whole($page);
        my @links = grep { !/\A\w+:/ } $text =~ /\]\(([^)#\s]+)/g, $text =~ /(?:src|srcset)="([^"]+)"/g;
        my @missing = grep { !-e dirname($page) . "/$_" } @links;
        is_deeply(\@missing, [], "${\ basename($page)}: " . @links . ' links');
    }
};

done_testing;
