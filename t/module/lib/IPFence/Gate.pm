package IPFence::Gate;

# A real nginx with the module in front of a scripted provider, for tests that read as a conversation:
# a configuration, requests, expectations. Everything listens on 127.0.0.1 and free ports, lives in a
# temporary directory, and ends with the test.
#
# IPFENCE_MODULE    the module to load (build/ngx_http_ipfence_module.so)
# IPFENCE_COMMAND   the command line (build/ipfence, also where the module is that of another build)
# IPFENCE_NGINX     the nginx to run (/usr/sbin/nginx)
# IPFENCE_SANITIZE  when set, nginx runs with the sanitizers' runtimes preloaded

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);
use parent qw(IPFence::Nginx IPFence::Client IPFence::Logs);

use IPFence::Client qw(inside outside);
use IPFence::Message qw(base64 basic encode form json_error jwt);
use IPFence::Nginx qw(is_running nginx_path nginx_since read_whole sanitizer_environment wait_for workers_of);
use IPFence::Provider;

use Exporter qw(import);
our @EXPORT = qw(gate form basic jwt inside outside json_error wait_for nginx_since);

my $root = abs_path(dirname(__FILE__) . '/../../../..');
my (@started, @claims);

# Below the ports that the system gives to connections (from 32768): one of those could take the port
# between this look and the server's bind. So could another test that looks now: of those that are to be bound, each is
# claimed by an abstract Unix socket of its name, which ends with the process.
sub free_port {
    for (1 .. 100) {
        my $port = 12_000 + int rand 20_000;
        my $claim = IO::Socket::UNIX->new(Local => "\0ipfence test port $port") or next;
        IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => $port) or next;
        push @claims, $claim;
        return $port;
    }
    die "no free port: $!";
}

# gate(http => '…', location => '…', policy => {…}, …): a running gate. `server` is the text of the
# server's block (default: one location /token of kind token); PROVIDER, DIR and AUDIT in any text stand for
# the provider's upstream address, the temporary directory and the audit file; `files` are written before nginx
# starts; `provider` is another gate's, for several before one; with `named_workers` each answer says which worker gave
# it, for statuses_of_workers.
sub gate {
    my (%given) = @_;
    my $self = bless {dir => tempdir(CLEANUP => 1), %given}, __PACKAGE__;
    chmod 0755, $self->{dir};
    $self->{port} = free_port();
    $self->{shares_provider} = defined $given{provider};
    $self->{provider} //= ($given{provider_class} // 'IPFence::Provider')->start($self->{dir}, free_port());
    $self->write_policy($given{policy} // default_policy());
    $self->write_file($_, $given{files}{$_}) for keys %{$given{files} // {}};
    $self->write_configuration;
    push @started, $self;
    $self->start unless $given{stopped};
    return $self;
}

# With these ranges of the office, if any are given.
sub default_policy {
    my (@ranges) = @_;
    return {
        ipfence => 1,
        organization => {default_profile => 'office', user_claims => ['preferred_username', 'sub']},
        profiles => {
            office => {login_ip_ranges => @ranges ? \@ranges : ['127.0.1.0/24', '203.0.113.0/24', '2001:db8::/32']},
            anywhere => {unrestricted => JSON::PP::true},
        },
        users => {alice => 'office', robot => 'anywhere', traveller => 'anywhere'},
        apps => {
            web => {},
            relaxed => {ip_relaxation => 'relax'},
            service => {run_as => 'alice'},
            machine => {run_as => 'robot'},
            listed => {
                ip_relaxation => 'relax_for_activated_devices',
                trusted_ip_ranges => ['127.0.3.0/24'],
            },
        },
    };
}

# The same, but its users are those that users.ndjson lists.
sub policy_with_users_file {
    my $policy = default_policy(@_);
    delete $policy->{users};
    delete $_->{run_as} for values %{$policy->{apps}};
    $policy->{users_file} = 'users.ndjson';
    return $policy;
}

sub write_file {
    my ($self, $name, $text) = @_;
    my $temporary = $self->file("$name.new");
    open my $handle, '>', $temporary or die "$temporary: $!";
    print $handle $text;
    close $handle or die "$temporary: $!";
    rename $temporary, $self->file($name) or die "$name: $!";
}

# In place, as an editor or a copy over a network does it: without the rename that makes a change whole.
sub overwrite_file {
    my ($self, $name, $text) = @_;
    open my $handle, '>', $self->file($name) or die "$name: $!";
    print $handle $text;
    close $handle or die "$name: $!";
}

sub write_policy {
    my ($self, $policy) = @_;
    my $text = ref $policy ? JSON::PP->new->canonical->pretty->encode($policy) : $policy;
    $self->write_file('policy.json', $text);
}

sub command_path { abs_path($ENV{IPFENCE_COMMAND} // "$root/build/ipfence") // die "build the command line first\n" }
sub module_path { abs_path($ENV{IPFENCE_MODULE} // "$root/build/ngx_http_ipfence_module.so") }

sub write_configuration {
    my ($self) = @_;
    my $user = $> == 0 ? 'user root;' : '';
    my $workers = $self->{workers} // 1;
    my $http = $self->{http} // '';
    my $upstream = $self->{upstream} // 'ipfence_guard;';
    my $listen = join ' ', grep { $_ } $self->{listen}, $self->{named_workers} && 'reuseport';
    my $named = $self->{named_workers} ? 'add_header X-Worker $pid always;' : '';
    my %environment = sanitizer_environment();
    my $kept = join ' ', map { "env $_;" } sort keys %environment;    # for a new binary
    my $daemon = $self->{daemon} ? 'on' : 'off';
    my $server = $self->{server} // 'location /token { ipfence token; proxy_pass http://provider; }';
    my $audit = $self->{own_audit} ? "" : "ipfence_audit AUDIT;";
    my $policy_directive = $self->{no_policy} ? '' : 'ipfence_policy policy.json;';
    my $others = join '', map { "load_module /usr/lib/nginx/modules/$_.so;\n" } @{$self->{modules_before} // []};
    my $text = <<"CONF";
${others}load_module ${\ module_path() };
daemon $daemon; $kept $user worker_processes $workers; pid DIR/nginx.pid; error_log DIR/error.log info;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path DIR/temp_body; proxy_temp_path DIR/temp_proxy;
    fastcgi_temp_path DIR/temp_1; uwsgi_temp_path DIR/temp_2; scgi_temp_path DIR/temp_3;
    $policy_directive
    $audit
    proxy_http_version 1.1;
    $http
    upstream provider { server PROVIDER; $upstream }
    server {
        listen 127.0.0.1:$self->{port} $listen;
        $named
        $server
    }
}
CONF
    $text =~ s/PROVIDER/127.0.0.1:$self->{provider}{port}/g;
    $text =~ s/PORT/$self->{port}/g;
    $text =~ s/AUDIT/DIR\/audit.ndjson/g;
    $text =~ s/DIR/$self->{dir}/g;
    $self->{configuration} = $text;
    $self->write_file('nginx.conf', $text);
}

sub stop {
    my ($self) = @_;
    if (my $pid = delete $self->{pid}) {
        kill QUIT => $pid;
        my $deadline = time + 10;
        while (is_running($pid)) {
            kill KILL => -$pid if time > $deadline;
            sleep 0.02;
        }
    }
    $self->{provider}->stop if $self->{provider} && !$self->{shares_provider};
}

# What the provider answers to the next requests; see IPFence::Provider.
sub answers { my ($self, @answers) = @_; $self->{provider}->answers(@answers) }

# The requests that reached the provider since this was last asked, as raw bytes.
sub provider_saw { my ($self) = @_; return $self->{provider}->take_requests }

sub finish {
    my ($self) = @_;
    $self->stop;
    $self->check_log;
    $self->report unless Test::More->builder->is_passing;
}

END {
    my $status = $?;
    $_->stop for @started;
    $? = $status;
}

# Also when the harness is gone: what is printed after that must not end it a second time.
$SIG{$_} = sub { $SIG{PIPE} = 'IGNORE'; exit 1 } for qw(INT TERM HUP PIPE);

1;
