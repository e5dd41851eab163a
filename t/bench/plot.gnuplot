# docs/benchmark.svg from docs/benchmark.tsv and docs/benchmark-growth.tsv; scripts/bench gives OUTPUT.
set terminal svg size 960,1000 dynamic noenhanced font "sans-serif,12" background "white"
set output OUTPUT."/benchmark.svg"
set datafile separator "\t"
set multiplot layout 2,1

set title "CPU of the worker per request, times vanilla proxy_pass (median and quartiles)"
set logscale x
set xrange [0.5:*]
set format x "%g"
set grid x
set yrange [*:*] reverse
set offsets 0, 0, 0.6, 0.6
set lmargin 30
unset key
plot OUTPUT."/benchmark.tsv" skip 1 \
    using 3:0:(real(word(strcol(4), 1))):(real(word(strcol(4), 3))):ytic(1) \
    with xerrorbars pointtype 7 pointsize 0.8 linecolor rgb "#2a6fb0"

set title "CPU per request as there are more ranges and remembered tokens, times that of the fewest"
unset offsets
set xrange [*:*]
set lmargin 10
set format x "%.0f"
set yrange [0:*] noreverse
set ytics auto
set key bottom right
set xlabel "how many"
plot OUTPUT."/benchmark-growth.tsv" skip 1 using (strcol(1) eq "ranges" ? $2 : NaN):5 \
        with linespoints pointtype 7 linecolor rgb "#2a6fb0" title "ranges", \
    "" skip 1 using (strcol(1) eq "tokens" ? $2 : NaN):5 \
        with linespoints pointtype 5 linecolor rgb "#c05a20" title "tokens", \
    "" skip 1 using (strcol(1) eq "geo" ? $2 : NaN):5 \
        with linespoints pointtype 9 linecolor rgb "#808080" title "networks of nginx's geo"
unset multiplot
