package IPFence::Oracle;

# What clients got, what the provider saw, and what the audit log says, compared with what is right.

use strict;
use warnings;

use JSON::PP;

use Exporter qw(import);
our @EXPORT_OK = qw(judge);

my $is_post = qr/\A(?:password|code|refresh)\z/;

# judge(results => [of IPFence::Load], saw => {number => times}, audit => [lines], mirrored => hash of the mirrored
# policy, strict => {kinds that may be denied although allowed: what they need to know was lost}):
# counts, and an example of each kind of fault.
sub judge {
    my (%of) = @_;
    my %count = map { $_ => 0 } qw(requests wrongly_allowed wrongly_denied failed foreign twice unaudited contradicted torn);
    my $self = bless {%of, count => \%count, examples => {}}, __PACKAGE__;
    my $audit = $self->read_audit;
    for my $result (@{$of{results}}) {
        ++$count{requests};
        my $line = $audit->{$result->{request_id}};
        $self->judge_result($result, $line);
        $self->judge_audit($result, $line);
    }
    return (%count, answered => scalar(grep { $_->{got} =~ /answer|denial/ } @{$of{results}}), examples => $self->{examples});
}

# The last line of each request, which is what was done about it.
sub read_audit {
    my ($self) = @_;
    my (%audit, $coder);
    $coder = JSON::PP->new;
    for my $text (@{$self->{audit}}) {
        my $line = eval { $coder->decode($text) };
        $line && $line->{request_id} ? $audit{$line->{request_id}} = $line : $self->found('torn', {number => '-', line => $text});
    }
    return \%audit;
}

sub found {
    my ($self, $fault, $result, $line) = @_;
    ++$self->{count}{$fault};
    $self->{examples}{$fault} //= JSON::PP->new->canonical->encode({%$result, $line ? (audit => $line) : ()});
}

# Under the policy that decided; where nobody says which that was, either is right.
sub is_right {
    my ($self, $result, $line, $verdict) = @_;
    my $mirrored = $self->{mirrored} or return $result->{right} eq $verdict;
    return 1 if !$line && $result->{right} ne $result->{mirrored_right};
    return $result->{$line && $line->{policy} eq $mirrored ? 'mirrored_right' : 'right'} eq $verdict;
}

sub judge_result {
    my ($self, $result, $line) = @_;
    my $got = $result->{got};
    my $saw = $self->{saw}{$result->{number}} // 0;
    my $may_be_strict = $self->{strict}{$result->{kind}};
    my $was_early = $result->{early} && !$may_be_strict;
    my $allowed = $got =~ /\A(?:answer|part)\z/ || ($got eq 'failed' && $result->{status} eq '200') || ($was_early && $saw);
    $self->found('wrongly_allowed', $result, $line) if $allowed && !$self->is_right($result, $line, 'allow');
    $self->found('wrongly_denied', $result, $line)
        if $got eq 'denial' && !$may_be_strict && !$self->is_right($result, $line, 'deny');
    $self->found('foreign', $result, $line) if $got eq 'foreign';
    # nginx itself repeats a GET whose kept connection had been closed.
    $self->found('twice', $result, $line) if $got eq 'twice' || ($saw > 1 && $result->{kind} =~ $is_post);
    $self->found('failed', $result, $line) if $got =~ /\A(?:failed|part)\z/;
}

# What was decided is in the log, and is what was done.
sub judge_audit {
    my ($self, $result, $line) = @_;
    return unless $result->{got} =~ /\A(?:answer|denial)\z/;
    return $self->found('unaudited', $result) unless $line;
    my $done = $result->{got} eq 'answer' ? 'allow' : 'deny';
    $self->found('contradicted', $result, $line) if $line->{decision} ne $done;
}

1;
