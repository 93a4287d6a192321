<?php
/*
 * The usual search and replace in PHP: every row of every table, values unserialized, replaced, serialized again.
 * This is the comparison, not part of Understudy: objects of unknown classes are damaged the way such scripts do.
 * usage: php replace.php host port user database from to; the password is in REPLACE_PASSWORD
 */
[, $host, $port, $user, $name, $from, $to] = $argv;
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$read = new mysqli($host, $user, getenv('REPLACE_PASSWORD'), $name, (int) $port);
$write = new mysqli($host, $user, getenv('REPLACE_PASSWORD'), $name, (int) $port);
$read->set_charset('utf8mb4');
$write->set_charset('utf8mb4');

function replaced($value, $from, $to)
{
    if (is_string($value)) {
        $inner = @unserialize($value);
        if ($inner !== false || $value === 'b:0;') {
            return serialize(replaced($inner, $from, $to));
        }
        return str_replace([$from, str_replace('/', '\/', $from)], [$to, str_replace('/', '\/', $to)], $value);
    }
    if (is_array($value)) {
        foreach ($value as $key => $item) {
            $value[$key] = replaced($item, $from, $to);
        }
    }
    return $value;
}

$tables = $read->query("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'");
foreach ($tables->fetch_all() as [$table]) {
    $quoted = '`' . str_replace('`', '``', $table) . '`';
    $keys = array_column($read->query("SHOW KEYS FROM $quoted WHERE Key_name = 'PRIMARY'")->fetch_all(MYSQLI_ASSOC), 'Column_name');
    if ($keys === []) {
        continue;
    }
    $rows = $read->query("SELECT * FROM $quoted", MYSQLI_USE_RESULT);
    while ($row = $rows->fetch_assoc()) {
        $sets = $values = [];
        foreach ($row as $column => $value) {
            if ($value === null || $column === 'guid' || in_array($column, $keys, true)) {
                continue;
            }
            $new = replaced($value, $from, $to);
            if ($new !== $value) {
                $sets[] = '`' . str_replace('`', '``', $column) . '` = ?';
                $values[] = $new;
            }
        }
        if ($sets !== []) {
            $where = implode(' AND ', array_map(fn ($key) => '`' . str_replace('`', '``', $key) . '` = ?', $keys));
            $statement = $write->prepare("UPDATE $quoted SET " . implode(', ', $sets) . " WHERE $where");
            $statement->execute([...$values, ...array_map(fn ($key) => $row[$key], $keys)]);
        }
    }
}
