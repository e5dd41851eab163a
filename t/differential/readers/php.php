<?php
// What PHP reads: parse_str is what fills $_POST.

const FIELDS = __DIR__ . '/fields.json';

function values_of(mixed $value): array
{
    if ($value === null) {
        return [];
    }
    return [base64_encode(is_string($value) ? $value : json_encode($value, JSON_INVALID_UTF8_SUBSTITUTE))];
}

$fields = json_decode(file_get_contents(FIELDS));
while (($line = fgets(STDIN)) !== false) {
    $request = json_decode($line);
    parse_str(base64_decode($request->body), $parsed);
    $parameters = [];
    foreach ($fields as $name) {
        $parameters[$name] = values_of($parsed[$name] ?? null);
    }
    echo json_encode(['id' => $request->id, 'readings' => ['php' => ['parameters' => $parameters]]]), "\n";
}
