package IPFence::Load;

# Clients that ask for as long as they are told to, know which verdict each of their requests deserves, and write
# down what they got. The policy is `world` of IPFence::World; `mirrored` is the same with inside and outside
# exchanged, and each request knows its verdict under either.

use strict;
use warnings;

use JSON::PP;
use POSIX ();
use Time::HiRes qw(sleep time);

use IPFence::Connection;
use IPFence::Gate qw(inside outside form);
use IPFence::Http;
use IPFence::World qw(world);

use Exporter qw(import);
our @EXPORT_OK = qw(mirrored server_block);

my @fields = qw(number kind right mirrored_right early got status request_id why);
my $known_at_most = 100;

sub server_block {
    return <<'CONF';
        add_header X-Request-Id $request_id always;
        location = /token { ipfence token; proxy_pass http://provider; }
        location = /api { ipfence resource; proxy_pass http://provider; }
CONF
}

sub mirrored {
    my $policy = world();
    $policy->{profiles}{office}{login_ip_ranges} = ['127.0.2.0/24'];
    return $policy;
}

# start($gate, seconds => …, clients => 4, kinds => [names], padding => bytes, patience => seconds, tokens => …,
# hurried => share of requests that do not wait for their answer, ports => [of the nodes])
# A number ends with a letter, so that no part of one is another.
sub start {
    my ($class, $gate, %with) = @_;
    my $self = bless {gate => $gate, clients => 4, kinds => [qw(password code code api refresh unseen)], padding => 0, patience => 8, hurried => 0, ports => [$gate->{port}], %with}, $class;
    for my $client (1 .. $self->{clients}) {
        my $pid = fork // die "fork: $!";
        if ($pid == 0) {
            $SIG{INT} = $SIG{TERM} = 'DEFAULT';
            eval { $self->ask($client); 1 } or warn $@;
            POSIX::_exit(0);
        }
        push @{$self->{pids}}, $pid;
    }
    return $self;
}

# A file that is there once somebody waits for the results.
sub is_asked_for { my ($self) = @_; return $self->{gate}->file('results_are_asked_for') }

# All that the clients wrote down, once they have ended.
sub results {
    my ($self) = @_;
    $self->{gate}->write_file('results_are_asked_for', '');
    waitpid $_, 0 for @{$self->{pids}};
    my @results;
    for my $client (1 .. $self->{clients}) {
        for my $line (split /\n/, IPFence::Gate::read_whole($self->{gate}->file("client.$client"))) {
            my %result;
            @result{@fields} = split /\t/, $line, -1;
            push @results, \%result;
        }
    }
    return @results;
}

my %kinds = (password => \&password, code => \&code, api => \&api, refresh => \&refresh, unseen => \&unseen, bearer => \&bearer);

sub ask {
    my ($self, $client) = @_;
    srand $client;
    my $parent = getppid;
    @$self{qw(known connections)} = ([], {});
    open my $results, '>', $self->{gate}->file("client.$client") or die $!;
    my ($end, $count) = (time + $self->{seconds}, 0);
    # On a busy machine what it is all for may come late.
    while ((time < $end || !-e $self->is_asked_for) && getppid == $parent) {
        my $request = $kinds{one_of(@{$self->{kinds}})}->($self, 'c' . $client . 'n' . ++$count . 'e') or next;
        my $got = $self->send($request);
        next if $got->{got} eq 'idle';
        $request->{learn}->() if $request->{learn} && $got->{got} eq 'answer';
        print $results join("\t", map { $_ // '' } @{{%$request, %$got}}{@fields}), "\n";
        sleep 0.01 if $got->{got} eq 'failed';
    }
    close $results;
}

sub one_of { return $_[rand @_] }

# alice is restricted to the office; robin is not.
sub verdicts {
    my ($user, $from, $relaxed) = @_;
    return (right => 'allow', mirrored_right => 'allow') if $relaxed || $user eq 'robin';
    return $from eq inside ? (right => 'allow', mirrored_right => 'deny') : (right => 'deny', mirrored_right => 'allow');
}

sub password {
    my ($self, $number) = @_;
    my ($user, $from) = (one_of(qw(alice robin)), one_of(inside, outside));
    return $self->token_request($number, $from, {grant_type => 'password', username => $user, password => 'pw', client_id => 'web'},
        kind => 'password', early => 1, verdicts($user, $from));
}

sub code {
    my ($self, $number) = @_;
    my ($user, $app) = (one_of(qw(alice robin)), one_of(qw(web relaxed refresh)));
    my $from = one_of(inside, outside);
    return $self->token_request($number, $from, {grant_type => 'authorization_code', code => "code.$user.$number", client_id => $app},
        kind => 'code', early => 0, verdicts($user, $from, $app eq 'relaxed'), learn => sub { $self->learn($user, $app, $number) });
}

sub refresh {
    my ($self, $number) = @_;
    my $session = $self->session(qw(web refresh)) or return undef;
    my $from = one_of(inside, outside);
    @{$self->{known}} = grep { $_ != $session } @{$self->{known}};
    my ($user, $app) = @$session{qw(user app)};
    return $self->token_request($number, $from, {grant_type => 'refresh_token', refresh_token => "refresh.$user.$session->{number}", client_id => $app},
        kind => 'refresh', early => 1, verdicts($user, $from, $app eq 'refresh'), learn => sub { $self->learn($user, $app, $number) });
}

# With a token of a login that the gate saw.
sub api {
    my ($self, $number) = @_;
    my $session = $self->session(qw(web relaxed)) or return undef;
    my $from = one_of(inside, outside);
    return access($number, $from, '/api', "access.$session->{user}.$session->{number}",
        kind => 'api', verdicts($session->{user}, $from, $session->{app} eq 'relaxed'));
}

# With a token that nobody issued.
sub unseen {
    my ($self, $number) = @_;
    return access($number, one_of(inside, outside), '/api', "access.robin.never$number", kind => 'unseen', right => 'deny', mirrored_right => 'deny');
}

# With one of the `tokens` that the fault brought along: a sub of the number that gives a token and its user.
sub bearer {
    my ($self, $number) = @_;
    my ($token, $user) = $self->{tokens}->($number);
    my $from = one_of(inside, outside);
    return access($number, $from, '/bearer', $token, kind => 'bearer', defined $user ? verdicts($user, $from) : (right => 'deny', mirrored_right => 'deny'));
}

sub learn {
    my ($self, $user, $app, $number) = @_;
    push @{$self->{known}}, {user => $user, app => $app, number => $number};
    shift @{$self->{known}} if @{$self->{known}} > $known_at_most;
}

sub session {
    my ($self, @apps) = @_;
    my %wanted = map { $_ => 1 } @apps;
    return one_of(grep { $wanted{$_->{app}} } @{$self->{known}});
}

sub token_request {
    my ($self, $number, $from, $parameters, %request) = @_;
    my $body = form({%$parameters, $self->{padding} ? (padding => 'x' x rand $self->{padding}) : ()});
    return {%request, number => $number, from => $from, bytes => "POST /token HTTP/1.1\r\nHost: gate.test\r\nX-Number: $number\r\n"
        . "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${\ length $body}\r\n\r\n$body"};
}

sub access {
    my ($number, $from, $path, $token, %request) = @_;
    return {%request, number => $number, from => $from, early => 1,
        bytes => "GET $path HTTP/1.1\r\nHost: gate.test\r\nX-Number: $number\r\nAuthorization: Bearer $token\r\n\r\n"};
}

sub send {
    my ($self, $request) = @_;
    my $port = one_of(@{$self->{ports}});
    my $kept = \$self->{connections}{"$request->{from} $port"};
    my $connection = $$kept;
    $$kept = undef;
    $connection = undef if $connection && $connection->{requests} >= 5;
    $connection //= IPFence::Connection->new($port, $request->{from}) or return {got => 'failed', why => 'no connection'};
    my $hurries = rand() < $self->{hurried};
    my ($raw, @responses) = $connection->exchange($request->{bytes}, $hurries ? rand 0.05 : $self->{patience});
    return {got => 'idle'} if $connection->was_idle($raw);
    $$kept = $connection if $connection->may_go_on($raw);
    my $got = classify($request->{number}, $raw, @responses);
    return $hurries && $got->{got} eq 'failed' ? {got => 'gone'} : $got;
}

# What the bytes are: the provider's answer to this request (or a part of it), an answer to another one, more than
# one answer, the gate's denial, or no answer.
sub classify {
    my ($number, $raw, @responses) = @_;
    my @numbers = substr($raw, 0, 20_000) =~ /\b(c\d+n\d+e)\b/g;
    my $own = grep { $_ eq $number } @numbers;
    my $response = $responses[0] // {headers => [], body => '', status => 'none'};
    my ($request_id) = IPFence::Http::header($response, 'X-Request-Id');
    my %got = (status => $response->{status}, request_id => $request_id);
    return {%got, got => 'foreign'} if $own != @numbers;
    return {%got, got => 'twice'} if @responses > 1;
    return {%got, got => $response->{whole} && $response->{status} eq '200' ? 'answer' : 'part'} if $own;
    return {%got, got => 'denial'} if $response->{body} =~ /"error_description":"(?:ip restricted|the access token does not verify)/;
    my $error = eval { decode_json($response->{body})->{error_description} };
    return {%got, got => 'failed', why => $error // ($raw eq '' ? 'no answer' : '')};
}

1;
