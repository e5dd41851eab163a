package IPFence::Client;

# What clients do with a gate (IPFence::Gate): connect from an address, send requests, read what comes back. Of the gate it
# takes its `port`, and keeps there as `last` what was said last.

use strict;
use warnings;

use IO::Socket::INET;
use Time::HiRes qw(time);

use IPFence::Http qw(exchange parse_responses);
use IPFence::Message qw(form);

use Exporter qw(import);
our @EXPORT_OK = qw(inside outside);

# Client addresses: all of 127.0.0.0/8 is this machine. The tests' policies allow 127.0.1.0/24.
sub inside  { '127.0.1.1' }
sub outside { '127.0.2.1' }

# Sends raw bytes from a client address; all responses that came back until the connection closed, or until
# `count` (1) are whole.
sub send_raw {
    my ($self, $bytes, %with) = @_;
    my $raw = exchange($self->{port}, $bytes, from => $with{from} // inside, %with);
    $self->{last} = {request => $bytes, response => $raw};
    my @responses = parse_responses($raw);
    return wantarray ? @responses : $responses[0];
}

# request(body => …, from => …, method => POST, path => /token, headers => [[name, value], …])
sub request {
    my ($self, %with) = @_;
    my $body = $with{body} // '';
    my $method = $with{method} // 'POST';
    my $path = $with{path} // '/token';
    my $version = $with{version} // '1.1';
    my @headers = (['Host', 'gate.test'], @{$with{headers} // []});
    my %named = map { lc $_->[0] => 1 } @headers;
    push @headers, ['Content-Type', $with{type} // 'application/x-www-form-urlencoded']
        if $method eq 'POST' && !$named{'content-type'};
    push @headers, ['Content-Length', length $body]
        if ($method eq 'POST' || length $body) && !$named{'transfer-encoding'} && !$named{'content-length'};
    push @headers, ['Connection', 'close'] unless $with{keep_alive};
    my $head = join '', map { "$_->[0]: $_->[1]\r\n" } @headers;
    return $self->send_raw("$method $path HTTP/$version\r\n$head\r\n$body", %with);
}

sub token { my ($self, $parameters, %with) = @_; return $self->request(body => form($parameters), %with) }

# A client's socket, from this address.
sub connect_from {
    my ($self, $from) = @_;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}, LocalAddr => $from) // die "the gate: $!";
}

# Begins to post a form, of which `size` bytes are sent (all), `from` an address (inside): the socket, whose response is
# the last.
sub begin_form {
    my ($self, $path, $parameters, %with) = @_;
    my $body = form($parameters);
    my $socket = $self->connect_from($with{from} // inside);
    print $socket "POST $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        . "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " . length($body) . "\r\n\r\n"
        . substr $body, 0, $with{size} // length $body;
    $socket->flush;
    return $socket;
}

# The statuses with which the workers that run answer a token request, in order and each once, after every one of them
# has answered: new connections fall to them by chance, and so some wait longer than others for their first.
sub statuses_of_workers {
    my ($self, $parameters, %with) = @_;
    my ($deadline, %status, %silent) = (time + 10);
    $silent{$_} = 1 for $self->workers;
    while (%silent && time < $deadline) {
        my $response = $self->token($parameters, %with);
        ++$status{$response->{status}};
        delete @silent{IPFence::Http::header($response, 'X-Worker')};
    }
    return join ' ', sort(keys %status), map { "worker $_ is silent" } keys %silent;
}

1;
