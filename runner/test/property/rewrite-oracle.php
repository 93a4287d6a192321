<?php
// Builds the same random value twice, with two site URLs, and prints both as PHP writes them.
// Input lines: "first-seed count old-host new-host". Output per value: two lengths on a line, then both byte strings.
ini_set('serialize_precision', '17');

enum Suit: string { case Hearts = 'H'; case Spades = 'S'; }
class Plain { public $url; protected $hidden; private $secret; public ?Plain $next = null;
  function __construct($a, $b, $c) { $this->url = $a; $this->hidden = $b; $this->secret = $c; } }
class Custom implements Serializable {
  private $data; function __construct($data) { $this->data = $data; }
  function serialize() { return serialize($this->data); }
  function unserialize($text) { $this->data = unserialize($text); } }
class Magic { public $a; function __construct($a) { $this->a = $a; }
  function __serialize(): array { return ['x' => $this->a]; } function __unserialize(array $x): void { $this->a = $x['x']; } }

$host = '';
function pick(array $of) { return $of[mt_rand(0, count($of) - 1)]; }
function words(): string {
  $parts = [];
  for ($i = mt_rand(0, 4); $i > 0; $i--)
    $parts[] = pick(['größe', '日本語', '";s:3:"x";}', "line\nbreak", "it's", '\\', "\0", '{"a":1}', '👍', 'a:1:{', 's:5:"', "tab\t", '%20', '</p>', "quote \" here"]);
  return implode(' ', $parts);
}
function cleanUrl(): string { global $host; return pick(['https://', '//', '']) . $host . pick(['', '/', '/page', '/?p=1&b[]=2', '/ümlaut/#x']); }
function text(int $depth): string {
  switch (mt_rand(0, 9)) {
    case 0: return words();
    case 1: return words() . ' ' . cleanUrl() . ' ' . words() . ' ' . cleanUrl();
    case 2: return json_encode(['a' => cleanUrl(), 'b' => ['c' => "x\n" . cleanUrl()]]);
    case 3: return json_encode(['a' => cleanUrl()], JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    case 4: return 'to=' . urlencode(cleanUrl());
    case 5: return '<!-- wp:image {"url":"' . str_replace('"', '\u0022', cleanUrl()) . '","caption":"\u003ca href=\u0022' . cleanUrl() . '\u0022\u003e"} -->';
    case 6: return $depth > 0 ? serialize(value($depth - 1)) : cleanUrl();
    case 7: return $depth > 0 ? json_encode(['data' => serialize(clean($depth - 1)), 'url' => cleanUrl()]) : cleanUrl();
    case 8: return $depth > 0 ? json_encode(json_encode([serialize(clean($depth - 1)), cleanUrl()])) : words();
    default: return cleanUrl();
  }
}
// Values whose strings are valid UTF-8 and can go through JSON.
function clean(int $depth) {
  $list = ['n' => mt_rand(), 'url' => cleanUrl(), 'text' => "größe\n\"quoted\" " . cleanUrl()];
  if ($depth > 0 && mt_rand(0, 1)) $list['in'] = serialize(clean($depth - 1));
  if ($depth > 0 && mt_rand(0, 1)) $list['more'] = clean($depth - 1);
  return $list;
}
function value(int $depth) {
  switch (mt_rand(0, $depth > 0 ? 19 : 8)) {
    case 0: return mt_rand(-1000000, 1000000);
    case 1: return pick([0.1, 64.95, -0.0, 1e100, INF, -INF, NAN, 1 / 3, 64.950000000000003]);
    case 2: return pick([true, false, null]);
    case 3: case 4: case 5: case 6: case 7: return text($depth);
    case 8: return pick([Suit::Hearts, Suit::Spades]);
    case 9: $o = new stdClass(); $o->{'a b'} = value($depth - 1); $o->url = text($depth - 1); return $o;
    case 10: $p = new Plain(text($depth - 1), value($depth - 1), text($depth - 1)); $p->next = new Plain(1, 2, $p); return $p;
    case 11: $x = value($depth - 1); return [&$x, &$x, 'k' => text(0)];
    case 12: $o = new ArrayObject([text($depth - 1), 2]); return [$o, $o];
    case 13: return new Custom(value($depth - 1));
    case 14: return new Magic(value($depth - 1));
    case 15: $s = new SplObjectStorage(); $s[new Plain(text(0), 1, 2)] = text(0); return $s;
    default:
      $list = [];
      for ($i = mt_rand(0, 6); $i > 0; $i--) $list[pick(['url', 'größe', 7, -3, $i, 'k' . $i])] = value($depth - 1);
      return $list;
  }
}
function build(int $seed, string $name): string {
  global $host;
  $host = $name;
  mt_srand($seed);
  return @serialize(value(mt_rand(0, 5)));
}
while (($line = fgets(STDIN)) !== false) {
  [$first, $count, $old, $new] = explode(' ', trim($line));
  for ($seed = (int) $first; $seed < $first + $count; $seed++) {
    $a = build($seed, $old);
    $b = build($seed, $new);
    echo strlen($a), ' ', strlen($b), "\n", $a, $b;
  }
  echo "done\n";
  fflush(STDOUT);
}
