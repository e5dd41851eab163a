package Bench::Report;

# The table, on the terminal, as tab-separated values, and as Markdown.

use strict;
use warnings;

use Bench::Nginx;
use List::Util qw(max);
use POSIX qw(ceil);

use Exporter qw(import);
our @EXPORT_OK = qw(machine markdown_table median quartiles print_table write_tsv);

# The value that a part of them is below: between two of them, in proportion.
sub quantile {
    my ($part, @values) = @_;
    return undef if !@values;
    my @sorted = sort { $a <=> $b } @values;
    my $place = $part * $#sorted;
    my $below = $sorted[int $place];
    return $below + ($place - int $place) * ($sorted[ceil($place)] - $below);
}

sub median { quantile(0.5, @_) }
sub quartiles { (quantile(0.25, @_), quantile(0.75, @_)) }

sub text_of { map { $_ // '-' } @_ }

# print_table(\@heads, @rows)
sub print_table {
    my ($heads, @rows) = @_;
    @rows = map { [text_of(@$_)] } $heads, @rows;
    my @widths = map { my $column = $_; max map { length $_->[$column] } @rows } 0 .. $#$heads;
    for my $row (@rows) {
        my @cells = map { sprintf $_ == 0 ? '%-*s' : '%*s', $widths[$_], $row->[$_] } 0 .. $#$row;
        print join('  ', @cells), "\n";
    }
    print "\n";
}

# markdown_table(\@heads, @rows): numbers stand on the right.
sub markdown_table {
    my ($heads, @rows) = @_;
    my @lines = map { '| ' . join(' | ', text_of(@$_)) . ' |' } $heads, @rows;
    my @is_number = map { my $column = $_; scalar grep { ($_->[$column] // '') =~ /^\d/ } @rows } 0 .. $#$heads;
    splice @lines, 1, 0, '| ' . join(' | ', map { $_ ? '---:' : '---' } @is_number) . ' |';
    return join "\n", @lines, '';
}

# What was measured on.
sub machine {
    my ($model) = Bench::Nginx::contents('/proc/cpuinfo') =~ /^model name\s*: (.*)$/m;
    my ($nginx) = `nginx -v 2>&1` =~ m{nginx/(\S+)};
    my ($kernel) = Bench::Nginx::contents('/proc/sys/kernel/osrelease') =~ /^(\S+)/;
    return Bench::Nginx::cores() . " cores of $model, Linux $kernel, nginx $nginx";
}

sub write_tsv {
    my ($file, $heads, @rows) = @_;
    open my $out, '>', $file or die "bench: $file: $!\n";
    print {$out} join("\t", text_of(@$_)), "\n" for $heads, @rows;
    close $out or die "bench: $file: $!\n";
}

1;
