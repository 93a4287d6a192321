import { withStdin } from '../../../src/hosts/route/route.js';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContentEnds, type ContentWatch } from '../../../src/content/content-ends.js';
import { contentFilters } from '../../../src/content/rsync/filters.js';
import { type SwapFolders } from '../../../src/content/swap/file-swap.js';
import { type Finding } from '../../../src/errors/index.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';

/** Two small trees in a folder of their own, and everything that a sync between them needs. */
export interface Trees {
  readonly root: string;
  readonly production: string;
  readonly live: string;
  readonly workDir: string;
  readonly findings: Finding[];
  readonly watch: ContentWatch;
  /** Runs sh in `root`; `p` is production, `s` is staging's live tree. */
  sh(script: string): string;
  folders(runId: string): SwapFolders;
  ends(runId: string, change?: Partial<ContentEnds>): ContentEnds;
  remove(): void;
}

export function makeTrees(media: readonly string[] = ['wp-content/uploads']): Trees {
  const root = mkdtempSync(join(tmpdir(), 'understudy-trees-'));
  const [production, live, workDir] = ['p', 's', 'work'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [production, live, workDir]) mkdirSync(folder);
  const findings: Finding[] = [];
  const staging = createLocalHost('staging', 'staging');
  const folders = (runId: string): SwapFolders => ({ live, workDir, runId });
  return {
    root,
    production,
    live,
    workDir,
    findings,
    folders,
    watch: {
      step: () => undefined,
      progress: () => undefined,
      warn: (finding) => findings.push(finding),
    },
    sh: (script) => execFileSync('bash', ['-ec', script], { cwd: root, encoding: 'latin1' }),
    ends: (runId, change = {}) => ({
      route: {
        kind: 'local',
        remoteShell: undefined,
        remote: '',
        run: (command, options) => staging.run(command, withStdin(options)),
      },
      productionPath: production,
      productionLabel: 'production',
      staging,
      folders: folders(runId),
      filters: contentFilters({
        type: 'wordpress',
        content: { exclude: [], keepOnStaging: [], mediaMode: 'excluded', media },
      }),
      sameMachine: false,
      signal: new AbortController().signal,
      timeoutSeconds: 120,
      ...change,
    }),
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const FINGERPRINT = String.raw`
use strict; use warnings; use Digest::MD5;
my @lines;
sub walk {
  my ($dir, $rel) = @_;
  opendir my $h, $dir or die "$dir: $!";
  for my $n (sort grep { !/\A\.\.?\z/ } readdir $h) {
    my ($p, $r) = ("$dir/$n", "$rel/$n");
    my @s = lstat $p or die "$p: $!";
    my $what = -l _ ? 'link ' . readlink $p : -d _ ? 'folder'
      : do { open my $f, '<', $p or die "$p: $!"; "file $s[9] " . Digest::MD5->new->addfile($f)->hexdigest };
    push @lines, sprintf("%s|%s|%s|%d:%d", $r =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger, (-l $p ? '-' : sprintf '%04o', $s[2] & 07777), $what, $s[4], $s[5]);
    walk($p, $r) if -d $p && !-l $p;
  }
}
walk($ARGV[0], '');
print map { "$_\n" } @lines;
`;

/** Every entry of a tree: name, mode, owner, content or target, time of files. Times of folders are left out. */
export const fingerprint = (folder: string): string =>
  execFileSync('perl', ['-e', FINGERPRINT, folder], { encoding: 'latin1', maxBuffer: 1 << 28 });

/** Names and contents that have broken other tools. */
export const HOSTILE_TREE = String.raw`
mkdir -p p/wp-content/plugins/a/deep/er p/wp-content/themes/t p/empty p/closed p/newtree/x/y
echo one > p/index.php; echo two > p/wp-content/plugins/a/a.php; echo three > p/wp-content/plugins/a/deep/er/f
echo t > p/wp-content/themes/t/style.css
printf x > "p/new
line"; printf y > "p/wp-content/trail
"; printf d > p/-rf; printf q > "p/it's \"quoted\" \$(touch pwned) \`id\`; rm -rf *"
printf b > "$(printf 'p/bad\377\376utf8')"; printf u > 'p/ünïcödé ☃.txt'; printf e > 'p/lit\#123'; printf s > ' p' ; rm ' p'
printf w > 'p/ lead and trail '; printf g > 'p/[a]*?'; printf bs > 'p/back\slash\'; printf tb > "$(printf 'p/ta\tb')"
printf ar > 'p/a -> b'; ln -s 'x -> y' 'p/l -> m'; ln -s index.php p/link; ln -s plugins/a p/wp-content/linkdir
printf c > p/closed/inside; chmod 555 p/closed; printf ro > p/readonly; chmod 400 p/readonly
echo deep > p/newtree/x/y/z; chmod 2750 p/newtree/x; : > p/zero
`;
