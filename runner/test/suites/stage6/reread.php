<?php
// Reads every value of two databases as PHP does, and compares them but for the addresses of the site.
// Words: production's socket and schema, staging's socket and schema. Prints JSON.
declare(strict_types=1);
ini_set('memory_limit', '-1');
[, $fromSocket, $fromSchema, $toSocket, $toSchema] = $argv;

function connection(string $socket, string $schema): mysqli
{
    mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
    $connection = new mysqli(null, posix_getpwuid(posix_getuid())['name'], '', $schema, 0, $socket);
    $connection->set_charset('utf8mb4');
    return $connection;
}

/** The text with one mark in place of each address of either side. */
function withoutAddresses(string $text): string
{
    $slashes = '(?:(?:\\\\)*/(?:\\\\)*/|%2f%2f)';
    $address = "(?:https?(?::|%3a))?(?:$slashes)(?:www\\.|staging\\.)?acme\\.test(?![a-z0-9-]|\\.[a-z0-9])";
    $bare = '(?<![a-z0-9._@-])(?:www\.|staging\.)?acme\.test(?![a-z0-9-]|\.[a-z0-9])';
    return preg_replace(["~$address~i", "~$bare~i"], '<site>', $text);
}

/** What PHP makes of a value, all the way down, as a text that can be compared. */
function meaning(mixed $value): string
{
    if (is_array($value)) {
        $items = [];
        foreach ($value as $key => $item) $items[] = var_export($key, true) . '=>' . meaning($item);
        return '[' . implode(',', $items) . ']';
    }
    // Objects of classes that nobody loaded, with their hidden properties.
    if (is_object($value)) return 'object' . meaning((array) $value);
    if (!is_string($value)) return var_export($value, true);
    $serialized = preg_match('/^(?:[aOCEsbid]:|N;)/', $value) === 1
        ? @unserialize($value, ['allowed_classes' => false])
        : false;
    if ($serialized !== false || $value === 'b:0;') return 'serialized:' . meaning($serialized);
    if (preg_match('/^[\[{]/', $value) === 1) {
        $json = json_decode($value, true);
        if ($json !== null) return 'json:' . meaning($json);
    }
    return 'text:' . withoutAddresses($value);
}

/** The columns that can hold an address, and those that name a row. */
function columnsOf(mysqli $connection, string $schema): array
{
    $tables = [];
    $rows = $connection->query("SELECT c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_KEY FROM information_schema.COLUMNS c
        JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
        WHERE c.TABLE_SCHEMA = '$schema' AND t.TABLE_TYPE = 'BASE TABLE' AND c.GENERATION_EXPRESSION IS NULL
        ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION");
    foreach ($rows as $row) $tables[$row['TABLE_NAME']][$row['COLUMN_NAME']] = $row['COLUMN_KEY'] === 'PRI';
    return $tables;
}

function quoted(string $name): string
{
    return '`' . str_replace('`', '``', $name) . '`';
}

/**
 * A name for a row without a key: what it means, and how many of that meaning came before. Parts of a table are loaded
 * at the same time, so such rows have no order that both sides share.
 */
function meaningOf(array $row, array &$seen): string
{
    $meaning = md5(json_encode(array_map(meaning(...), array_values($row)), JSON_INVALID_UTF8_SUBSTITUTE));
    $seen[$meaning] = ($seen[$meaning] ?? 0) + 1;
    return "$meaning {$seen[$meaning]}";
}

/** Rows by their key; those that only one side has are counted and left out. */
function pairs(mysqli $from, mysqli $to, string $table, array $columns, callable $count): Generator
{
    [$before, $after] = [rowsOf($from, $table, $columns), rowsOf($to, $table, $columns)];
    $keys = array_filter($columns);
    $keyOf = fn(array $row): string => json_encode(array_values(array_intersect_key($row, $keys)));
    $waiting = [[], []];
    $seen = [[], []];
    do {
        [$old, $new] = [$before->fetch_assoc(), $after->fetch_assoc()];
        foreach ([$old, $new] as $side => $row) {
            if (!is_array($row)) continue;
            $key = $keys === [] ? meaningOf($row, $seen[$side]) : $keyOf($row);
            $waiting[$side][$key] = $row;
            if (!isset($waiting[1 - $side][$key])) continue;
            yield [$waiting[0][$key], $waiting[1][$key]];
            unset($waiting[0][$key], $waiting[1][$key]);
        }
    } while (is_array($old) || is_array($new));
    foreach (array_merge(array_values($waiting[0]), array_values($waiting[1])) as $row) $count('rows', $table);
}

function rowsOf(mysqli $connection, string $table, array $columns): mysqli_result
{
    $keys = array_keys(array_filter($columns)) ?: array_keys($columns);
    $order = array_filter($columns) === [] ? '' : ' ORDER BY ' . implode(', ', array_map('quoted', $keys));
    $list = implode(', ', array_map('quoted', array_keys($columns)));
    return $connection->query("SELECT $list FROM " . quoted($table) . $order, MYSQLI_USE_RESULT);
}

$from = connection($fromSocket, $fromSchema);
$to = connection($toSocket, $toSchema);
$result = ['values' => 0, 'written' => 0, 'serialized' => 0, 'json' => 0, 'different' => [], 'production' => [], 'rows' => []];
$count = function (string $what, string $place) use (&$result): void {
    $result[$what][$place] = ($result[$what][$place] ?? 0) + 1;
};
foreach (columnsOf($from, $fromSchema) as $table => $columns) {
    foreach (pairs($from, $to, $table, $columns, $count) as [$old, $new]) {
        foreach ($old as $column => $value) {
            $result['values']++;
            if (preg_match('~//(?:www\.)?acme\.test(?![a-z0-9-]|\.[a-z0-9])~i', (string) $new[$column]) === 1)
                $count('production', "$table.$column");
            if ($value === $new[$column]) continue;
            $result['written']++;
            $meaning = meaning($value);
            if (str_starts_with($meaning, 'serialized:')) $result['serialized']++;
            if (str_starts_with($meaning, 'json:')) $result['json']++;
            if ($meaning === meaning($new[$column])) continue;
            $place = isset($old['option_name']) ? "option {$old['option_name']}" : "$table.$column";
            $result['different'][$place] ??= [substr((string) $value, 0, 400), substr((string) $new[$column], 0, 400)];
        }
    }
}
echo json_encode($result);
