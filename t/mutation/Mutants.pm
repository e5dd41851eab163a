package Mutants;

# Every mutant of a C++ source: the source with one comparison, connective, condition, choice or answer changed. It goes by
# the text alone, and by how clang-format sets it: a binary operator has a space on both sides, an argument list of a
# template has none.
#
#   mutants_of($text)   ({at => offset, was => text, now => text}, …), in their order in the file

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(mutants_of mutated line_of);

my %OTHER = (
    '&&' => '||', '||' => '&&', '==' => '!=', '!=' => '==', '<' => '<=', '<=' => '<', '>' => '>=', '>=' => '>',
);
my %ANSWER = (true => 'false', false => 'true');

sub mutants_of {
    my ($text) = @_;
    my $code = blanked($text);
    my @mutants = (operators($code), negations($code), conditions($code), choices($code), labels($code), answers($code));
    my %seen;
    return grep { $_->{was} ne $_->{now} && !$seen{"$_->{at} $_->{was} $_->{now}"}++ }
        sort { $a->{at} <=> $b->{at} || $a->{now} cmp $b->{now} }
        map { {%$_, was => substr($text, $_->{at}, $_->{size})} } @mutants;
}

sub mutated {
    my ($text, $mutant) = @_;
    substr($text, $mutant->{at}, $mutant->{size}) = $mutant->{now};
    return $text;
}

sub line_of { my ($text, $mutant) = @_; return 1 + (substr($text, 0, $mutant->{at}) =~ tr/\n//) }

# The text with spaces for all that is not run: comments, strings, directives, and what the compiler alone evaluates.
sub blanked {
    my ($text) = @_;
    my $spaces = sub { $_[0] =~ s/[^\n]/ /gr };
    $text =~ s{(//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+')}{$spaces->($1)}gse;
    $text =~ s{^(\s*(?:\#|template <|static_assert|requires)[^\n]*)}{$spaces->($1)}gme;
    return $text;
}

sub mutant { my ($at, $size, $now) = @_; return {at => $at, size => $size, now => $now} }

sub operators {
    my ($code) = @_;
    my @mutants;
    while ($code =~ /(?<=\s)(&&|\|\||==|!=|<=|>=|<|>)(?=\s)/g) {
        push @mutants, mutant($-[1], length $1, $OTHER{$1});
    }
    return @mutants;
}

sub negations {
    my ($code) = @_;
    my @mutants;
    push @mutants, mutant($-[1], 1, '') while $code =~ /(?<=[\s(])(!)(?=[\w(:*])/g;
    return @mutants;
}

# A condition that always holds, and one that never does. One that is a declaration still declares.
sub conditions {
    my ($code) = @_;
    my @mutants;
    while ($code =~ /\b(?:if|while) \(/g) {
        my ($begin, $end) = ($+[0], end_of($code, $+[0], ')'));
        my $condition = substr $code, $begin, $end - $begin;
        my $initialization = $condition =~ /^(.*;\s*)/s ? length $1 : 0;
        my $is_declaration = substr($condition, $initialization) =~ /[^=!<>]=[^=]/;
        for my $value ('true', 'false') {
            push @mutants,
                $is_declaration
                ? mutant($end, 0, "; $value")
                : mutant($begin + $initialization, $end - $begin - $initialization, $value);
        }
    }
    return @mutants;
}

# Of `condition ? one : other`, always the same of the two.
sub choices {
    my ($code) = @_;
    my @mutants;
    while ($code =~ /\s\?\s/g) {
        my $one = $+[0];
        my $colon = end_of($code, $one, ':');
        my $other = $colon + 2;
        my $end = end_of($code, $other, '),;}');
        push @mutants, mutant($other, $end - $other, substr $code, $one, $colon - $one);
        push @mutants, mutant($one, $colon - $one, substr $code, $other, $end - $other);
    }
    return @mutants;
}

# A value that its own case of a switch does not take, which shows unless all that the case does is to leave.
sub labels {
    my ($code) = @_;
    my @mutants;
    while ($code =~ /\bcase ((?:\w|::)+):(?!:)(?!(?:\s+case (?:\w|::)+:)*\s+break;)/g) {
        push @mutants, mutant($-[1], length $1, "static_cast<decltype($1)>(0x7e)");
    }
    return @mutants;
}

sub answers {
    my ($code) = @_;
    my @mutants;
    push @mutants, mutant($-[1], length $1, $ANSWER{$1}) while $code =~ /\breturn (true|false);/g;
    return @mutants;
}

# Where, from `$at` on and outside of brackets, one of `$ends` is next, or the brackets around it end.
sub end_of {
    my ($code, $at, $ends) = @_;
    my $depth = 0;
    pos($code) = $at;
    while ($code =~ /(::|[()\[\]{},;:])/g) {
        my ($sign, $place) = ($1, $-[1]);
        return $place if $depth == 0 && length $sign == 1 && index($ends, $sign) >= 0;
        $depth++ if index('([{', $sign) >= 0;
        return $place if index(')]}', $sign) >= 0 && --$depth < 0;
    }
    return length $code;
}

1;
