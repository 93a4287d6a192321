/**
 * The Debian packages that the sandbox, the tests and the benchmarks use, each with a command that shows that
 * it is there (where another package than Debian's own may provide it).
 */
export const packages = [
  { name: 'mariadb-server' },
  { name: 'mariadb-client' },
  { name: 'openssh-server' },
  { name: 'openssh-client' },
  { name: 'rsync' },
  { name: 'php-cli' },
  { name: 'php-mysql' },
  { name: 'php-gd' },
  { name: 'php-mbstring' },
  { name: 'php-xml' },
  { name: 'php-curl' },
  { name: 'php-zip' },
  { name: 'wordpress' },
  // Sites that Composer manages.
  { name: 'composer' },
  { name: 'zstd' },
  { name: 'pigz' },
  { name: 'busybox' },
  { name: 'groovy' },
  { name: 'chromium' },
  // Also what keeps apt from choosing Apache for WordPress.
  { name: 'nginx-light' },
  { name: 'apache2-bin', command: 'apache2' },
  { name: 'docker.io', command: 'dockerd' },
  { name: 'openssl' },
  { name: 'iproute2' },
  { name: 'nftables' },
  { name: 'perl' },
  { name: 'default-jre-headless', command: 'java' },
  { name: 'git', command: 'git' },
  { name: 'procps' },
  { name: 'fonts-dejavu-core' },
  // Database servers and hosts of other ages come out of folders that it makes.
  { name: 'debootstrap' },
  // Login shells that hosts have.
  { name: 'fish' },
  { name: 'tcsh' },
  { name: 'zsh' },
  // Updates as the account of the files.
  { name: 'sudo' },
  // flock.
  { name: 'util-linux' },
];
