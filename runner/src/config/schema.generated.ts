// Made from resources/understudy/schema/site.schema.json by npm run generate. Do not edit.
import { type SchemaNode } from './schema-node.js';

export const siteSchema: SchemaNode = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "https://understudy.invalid/schema/site.schema.json",
  "title": "SiteFile",
  "description": "One site: where production and staging are, and how the copy is made. One file per site, `sites/<name>.yaml`; `sites/_defaults.yaml` has the same keys and lies beneath every site file.",
  "type": "object",
  "additionalProperties": false,
  "required": [
    "type",
    "production",
    "staging"
  ],
  "properties": {
    "title": {
      "type": "string",
      "minLength": 1,
      "maxLength": 100,
      "description": "What people call the site, in Jenkins and in reports. Without it: the name of the file.",
      "examples": [
        "Acme Inc."
      ]
    },
    "type": {
      "enum": [
        "wordpress",
        "php"
      ],
      "description": "`wordpress`: database settings are read from wp-config.php, and stage 6 rewrites the URLs. `php`: any other PHP site; the file names the database.",
      "examples": [
        "wordpress"
      ]
    },
    "agent": {
      "type": "string",
      "default": "",
      "format": "agent-label",
      "description": "Label of the Jenkins agents that may run this site. Empty: any.",
      "examples": [
        "linux && ssh"
      ]
    },
    "schedule": {
      "type": "string",
      "default": "",
      "format": "schedule",
      "description": "Jenkins cron text for the sync job. Empty: only by hand. Put it in quotes.",
      "examples": [
        "H 3 * * 1-5"
      ]
    },
    "production": {
      "$ref": "#/definitions/production"
    },
    "staging": {
      "$ref": "#/definitions/staging"
    },
    "content": {
      "$ref": "#/definitions/content",
      "default": {}
    },
    "database": {
      "$ref": "#/definitions/databaseOptions",
      "default": {}
    },
    "rewrite": {
      "$ref": "#/definitions/rewrite",
      "default": {}
    },
    "run": {
      "$ref": "#/definitions/run",
      "default": {}
    },
    "maintenance": {
      "$ref": "#/definitions/maintenance"
    },
    "archive": {
      "$ref": "#/definitions/archive"
    },
    "publish": {
      "$ref": "#/definitions/publish"
    },
    "notify": {
      "$ref": "#/definitions/notify"
    }
  },
  "definitions": {
    "secret": {
      "title": "SecretText",
      "description": "Where a secret is found; never the secret itself. Exactly one of `credential`, `env` and `file`.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "credential": {
          "type": "string",
          "format": "credential-id",
          "description": "Id of a Jenkins credential.",
          "examples": [
            "acme-database"
          ]
        },
        "kind": {
          "enum": [
            "secret-text",
            "username-password",
            "ssh-key",
            "secret-file"
          ],
          "description": "Kind of the Jenkins credential. Without it: what the place needs (`ssh-key` for a key, `username-password` for a login, else `secret-text`)."
        },
        "env": {
          "type": "string",
          "format": "environment-name",
          "description": "Environment variable of the runner that holds the secret (a login: `user:password`).",
          "examples": [
            "ACME_DATABASE_PASSWORD"
          ]
        },
        "file": {
          "type": "string",
          "format": "runner-path",
          "description": "File on the runner that holds the secret; mode 0600.",
          "examples": [
            "~/.secrets/acme-database"
          ]
        }
      }
    },
    "secretKey": {
      "title": "SecretKey",
      "description": "Where a private SSH key is found: `credential` (a Jenkins SSH key), `file`, or `env` (the key itself).",
      "$ref": "#/definitions/secret"
    },
    "secretLogin": {
      "title": "SecretLogin",
      "description": "Where a user name and a password are found: `credential` (username with password), or `env` or `file` with `user:password`.",
      "$ref": "#/definitions/secret"
    },
    "headerValue": {
      "title": "HeaderValue",
      "description": "The value, or where the secret value is found.",
      "type": [
        "string",
        "object"
      ],
      "minLength": 1,
      "additionalProperties": false,
      "properties": {
        "credential": {
          "type": "string",
          "format": "credential-id",
          "description": "Id of a Jenkins credential."
        },
        "kind": {
          "enum": [
            "secret-text",
            "username-password",
            "ssh-key",
            "secret-file"
          ],
          "description": "Kind of the Jenkins credential; default `secret-text`."
        },
        "env": {
          "type": "string",
          "format": "environment-name",
          "description": "Environment variable of the runner."
        },
        "file": {
          "type": "string",
          "format": "runner-path",
          "description": "File on the runner."
        }
      }
    },
    "bastion": {
      "title": "Bastion",
      "description": "A host that connections go through: `user@host[:port]` or the keys below.",
      "type": [
        "string",
        "object"
      ],
      "format": "ssh-address",
      "additionalProperties": false,
      "properties": {
        "host": {
          "type": "string",
          "format": "host-name",
          "description": "Name or address.",
          "examples": [
            "bastion.acme.net"
          ]
        },
        "user": {
          "type": "string",
          "format": "user-name",
          "description": "Account on the host.",
          "examples": [
            "jump"
          ]
        },
        "port": {
          "type": "integer",
          "minimum": 1,
          "maximum": 65535,
          "default": 22,
          "description": "Port of the SSH server."
        },
        "key": {
          "$ref": "#/definitions/secretKey"
        },
        "hostKey": {
          "$ref": "#/definitions/hostKey"
        },
        "knownHosts": {
          "$ref": "#/definitions/knownHosts"
        },
        "via": {
          "$ref": "#/definitions/bastion"
        }
      }
    },
    "ssh": {
      "title": "Ssh",
      "description": "How to reach the machine: `user@host[:port]`, `local` for the runner's own machine, or the keys below.",
      "examples": [
        "deploy@app.acme.net",
        "deploy@app.acme.net:2222",
        "local"
      ],
      "type": [
        "string",
        "object"
      ],
      "format": "ssh-address-or-local",
      "additionalProperties": false,
      "properties": {
        "host": {
          "type": "string",
          "format": "host-name",
          "description": "Name or address. Not together with `discover`.",
          "examples": [
            "app.acme.net"
          ]
        },
        "user": {
          "type": "string",
          "format": "user-name",
          "description": "Account on the host.",
          "examples": [
            "deploy"
          ]
        },
        "port": {
          "type": "integer",
          "minimum": 1,
          "maximum": 65535,
          "default": 22,
          "description": "Port of the SSH server."
        },
        "key": {
          "$ref": "#/definitions/secretKey",
          "description": "Private key. Without it: the runner's ssh-agent, then its own keys.",
          "examples": [
            {
              "credential": "acme-deploy"
            }
          ]
        },
        "hostKey": {
          "$ref": "#/definitions/hostKey"
        },
        "knownHosts": {
          "$ref": "#/definitions/knownHosts"
        },
        "via": {
          "$ref": "#/definitions/bastion"
        },
        "discover": {
          "$ref": "#/definitions/discover"
        }
      }
    },
    "hostKey": {
      "title": "HostKey",
      "description": "Pinned host key: a `SHA256:…` fingerprint or a public key, or a list of them. Without it: `knownHosts` decides.",
      "type": [
        "string",
        "array"
      ],
      "format": "host-key",
      "items": {
        "type": "string",
        "format": "host-key"
      },
      "examples": [
        "SHA256:uNiVztksCsDhcc0u9e8BrvZbN5L8CE0rj4mGzJ3l1pI"
      ]
    },
    "knownHosts": {
      "type": "string",
      "format": "runner-path",
      "description": "known_hosts file on the runner. Without it: `~/.ssh/known_hosts`.",
      "examples": [
        "~/.ssh/known_hosts_acme"
      ]
    },
    "discover": {
      "title": "Discover",
      "description": "Finds the hosts at the start of a run, for groups of machines that come and go. Exactly one of `autoScalingGroup` and `command`.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "autoScalingGroup": {
          "type": "string",
          "format": "word",
          "description": "Name of an AWS Auto Scaling group; the `aws` program of the runner is asked for its healthy instances. Needs `region`.",
          "examples": [
            "acme-web"
          ]
        },
        "region": {
          "type": "string",
          "format": "word",
          "description": "AWS region of the group.",
          "examples": [
            "eu-central-1"
          ]
        },
        "command": {
          "type": "array",
          "minItems": 1,
          "items": {
            "type": "string",
            "minLength": 1,
            "format": "argument"
          },
          "description": "A program of the runner and its arguments; it prints one host per line. No shell is involved.",
          "examples": [
            [
              "/usr/local/bin/list-hosts",
              "acme"
            ]
          ]
        }
      }
    },
    "http": {
      "title": "Http",
      "description": "How pages of this side are fetched: most staging sites are not open to the world.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "basicAuth": {
          "$ref": "#/definitions/secretLogin",
          "description": "User name and password for HTTP basic authentication.",
          "examples": [
            {
              "credential": "acme-staging-login"
            }
          ]
        },
        "headers": {
          "type": "object",
          "propertyNames": {
            "format": "header-name"
          },
          "additionalProperties": {
            "$ref": "#/definitions/headerValue"
          },
          "default": {},
          "description": "Headers that every request carries. A value that is secret is written as a reference.",
          "examples": [
            {
              "X-Understudy": {
                "credential": "acme-waf-header"
              }
            }
          ]
        },
        "resolve": {
          "type": "string",
          "format": "resolve-address",
          "description": "Address to connect to instead of what DNS says, with an optional port.",
          "examples": [
            "10.0.0.5",
            "10.0.0.5:8443"
          ]
        },
        "ca": {
          "type": "string",
          "format": "runner-path",
          "description": "PEM file on the runner with an additional certificate authority.",
          "examples": [
            "/etc/ssl/acme-internal.pem"
          ]
        }
      }
    },
    "url": {
      "type": "string",
      "format": "site-url",
      "description": "Address of the home page, as WordPress knows it: `https://host[:port][/folder]`.",
      "examples": [
        "https://www.acme.com"
      ]
    },
    "path": {
      "type": "string",
      "format": "document-root",
      "description": "Document root on the machine (not inside a container): absolute.",
      "examples": [
        "/var/www/acme"
      ]
    },
    "container": {
      "type": "string",
      "format": "container-name",
      "description": "Docker container in which PHP runs. Without it: PHP runs on the machine itself.",
      "examples": [
        "acme-php"
      ]
    },
    "containerPath": {
      "type": "string",
      "format": "absolute-path",
      "description": "Document root inside the container. Without it: the same as `path`.",
      "examples": [
        "/var/www/html"
      ]
    },
    "workDir": {
      "type": "string",
      "format": "work-folder",
      "description": "Folder for backups and records on the machine: absolute or below `~/`, outside every document root. Without it: `~/.understudy/<site>`.",
      "examples": [
        "/srv/understudy/acme"
      ]
    },
    "databaseSsh": {
      "$ref": "#/definitions/ssh",
      "description": "Machine on which the database programs (mysqldump, mysql) run. Without it: the machine of the files. Account, key and knownHosts are those of the files' machine unless they are given here.",
      "examples": [
        "deploy@db.acme.net"
      ]
    },
    "databaseContainer": {
      "type": "string",
      "format": "container-name",
      "description": "Container on that machine in which the database programs run. Without it: on the machine itself.",
      "examples": [
        "acme-db"
      ]
    },
    "databaseHost": {
      "type": "string",
      "format": "host-name",
      "description": "Server name or address as seen from that machine. Not together with `socket`. WordPress: from wp-config.php.",
      "examples": [
        "127.0.0.1"
      ]
    },
    "databasePort": {
      "type": "integer",
      "minimum": 1,
      "maximum": 65535,
      "description": "Port of the server; without it 3306.",
      "examples": [
        3306
      ]
    },
    "databaseSocket": {
      "type": "string",
      "format": "absolute-path",
      "description": "Unix socket of the server. Not together with `host`.",
      "examples": [
        "/run/mysqld/mysqld.sock"
      ]
    },
    "databaseName": {
      "type": "string",
      "format": "database-name",
      "description": "Name of the database. WordPress: from wp-config.php.",
      "examples": [
        "acme"
      ]
    },
    "databaseUser": {
      "type": "string",
      "format": "database-user",
      "description": "Account on the server. WordPress: from wp-config.php.",
      "examples": [
        "acme"
      ]
    },
    "databasePassword": {
      "$ref": "#/definitions/secret",
      "description": "Password of the account. WordPress: from wp-config.php.",
      "examples": [
        {
          "credential": "acme-database"
        }
      ]
    },
    "databasePrefix": {
      "type": "string",
      "format": "table-prefix",
      "description": "Table prefix. WordPress: from wp-config.php.",
      "examples": [
        "wp_"
      ]
    },
    "databaseCa": {
      "type": "string",
      "format": "runner-path",
      "description": "PEM file on the runner with the certificate authority of the server (a provider's bundle). Connections over TCP are then made with TLS and verified, those of mysqldump and mysql too. Without it: TLS only where the server insists on it, and only to a server on the same machine.",
      "examples": [
        "/etc/ssl/rds-global-bundle.pem"
      ]
    },
    "databaseCharset": {
      "type": "string",
      "format": "word",
      "description": "Character set that PHP speaks to the server (`DB_CHARSET`). WordPress: from wp-config.php; else utf8mb4.",
      "examples": [
        "utf8mb4"
      ]
    },
    "productionDatabase": {
      "title": "ProductionDatabase",
      "description": "Production's database. A WordPress site needs none of this unless wp-config.php says something that is not true for the runner.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "ssh": {
          "$ref": "#/definitions/databaseSsh"
        },
        "container": {
          "$ref": "#/definitions/databaseContainer"
        },
        "host": {
          "$ref": "#/definitions/databaseHost"
        },
        "port": {
          "$ref": "#/definitions/databasePort"
        },
        "socket": {
          "$ref": "#/definitions/databaseSocket"
        },
        "name": {
          "$ref": "#/definitions/databaseName"
        },
        "user": {
          "$ref": "#/definitions/databaseUser"
        },
        "password": {
          "$ref": "#/definitions/databasePassword"
        },
        "prefix": {
          "$ref": "#/definitions/databasePrefix"
        },
        "charset": {
          "$ref": "#/definitions/databaseCharset"
        },
        "ca": {
          "$ref": "#/definitions/databaseCa"
        }
      }
    },
    "stagingDatabase": {
      "title": "StagingDatabase",
      "description": "Staging's database. A WordPress site needs none of this unless wp-config.php says something that is not true for the runner.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "ssh": {
          "$ref": "#/definitions/databaseSsh"
        },
        "container": {
          "$ref": "#/definitions/databaseContainer"
        },
        "host": {
          "$ref": "#/definitions/databaseHost"
        },
        "port": {
          "$ref": "#/definitions/databasePort"
        },
        "socket": {
          "$ref": "#/definitions/databaseSocket"
        },
        "name": {
          "$ref": "#/definitions/databaseName"
        },
        "user": {
          "$ref": "#/definitions/databaseUser"
        },
        "password": {
          "$ref": "#/definitions/databasePassword"
        },
        "prefix": {
          "$ref": "#/definitions/databasePrefix"
        },
        "charset": {
          "$ref": "#/definitions/databaseCharset"
        },
        "ca": {
          "$ref": "#/definitions/databaseCa"
        },
        "admin": {
          "title": "DatabaseAdmin",
          "description": "A second account that creates, renames and drops the site's own schemas. Rows, views, triggers and routines are always written by the site's own account, which needs its rights there (doctor names the GRANT).",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "user",
            "password"
          ],
          "properties": {
            "user": {
              "type": "string",
              "format": "database-user",
              "description": "Account on the server.",
              "examples": [
                "understudy"
              ]
            },
            "password": {
              "$ref": "#/definitions/secret",
              "description": "Its password.",
              "examples": [
                {
                  "credential": "staging-database-admin"
                }
              ]
            }
          }
        }
      }
    },
    "production": {
      "title": "Production",
      "description": "The site that is copied. A sync only reads it.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "url",
        "ssh",
        "path"
      ],
      "properties": {
        "url": {
          "$ref": "#/definitions/url"
        },
        "ssh": {
          "$ref": "#/definitions/ssh"
        },
        "path": {
          "$ref": "#/definitions/path"
        },
        "container": {
          "$ref": "#/definitions/container"
        },
        "containerPath": {
          "$ref": "#/definitions/containerPath"
        },
        "workDir": {
          "$ref": "#/definitions/workDir"
        },
        "database": {
          "$ref": "#/definitions/productionDatabase",
          "default": {}
        },
        "http": {
          "$ref": "#/definitions/http",
          "default": {}
        }
      }
    },
    "staging": {
      "title": "Staging",
      "description": "The copy. Everything in it may be replaced.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "url",
        "ssh",
        "path"
      ],
      "properties": {
        "url": {
          "$ref": "#/definitions/url",
          "examples": [
            "https://staging.acme.com"
          ]
        },
        "ssh": {
          "$ref": "#/definitions/ssh",
          "examples": [
            "deploy@staging.acme.net"
          ]
        },
        "path": {
          "$ref": "#/definitions/path",
          "examples": [
            "/srv/acme/html"
          ]
        },
        "container": {
          "$ref": "#/definitions/container"
        },
        "containerPath": {
          "$ref": "#/definitions/containerPath"
        },
        "workDir": {
          "$ref": "#/definitions/workDir"
        },
        "database": {
          "$ref": "#/definitions/stagingDatabase",
          "default": {}
        },
        "http": {
          "$ref": "#/definitions/http",
          "default": {}
        },
        "sharesServer": {
          "type": "boolean",
          "default": false,
          "description": "Allows staging's database on the server of a production database, under another name."
        },
        "keepGenerations": {
          "type": "integer",
          "minimum": 0,
          "maximum": 20,
          "default": 1,
          "description": "Former copies that are kept for `understudy rollback`."
        },
        "settings": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "file-pattern"
          },
          "default": [],
          "description": "For a site that is not WordPress: files in which staging has its settings, where they are not found by name; relative to `path`, or absolute. They are read to prove that staging works on its own database.",
          "examples": [
            [
              "app/settings.inc",
              "/etc/acme/database.env"
            ]
          ]
        },
        "events": {
          "enum": [
            "disable",
            "keep"
          ],
          "default": "disable",
          "description": "What becomes of the database's scheduled events on staging."
        },
        "keepOptions": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "option-name"
          },
          "default": [],
          "description": "WordPress options that staging keeps: licence keys, payment test mode.",
          "examples": [
            [
              "woocommerce_stripe_settings"
            ]
          ]
        },
        "keepUsers": {
          "type": [
            "string",
            "array"
          ],
          "format": "administrators",
          "items": {
            "type": "string",
            "format": "login"
          },
          "default": "administrators",
          "description": "Logins of staging that are kept with their passwords: a list, or `administrators` for all administrators that no sync brought. On the first sync, who exists on production is production's.",
          "examples": [
            [
              "tester",
              "editor"
            ]
          ]
        },
        "cron": {
          "enum": [
            "off",
            "keep"
          ],
          "default": "off",
          "description": "WordPress cron and queued actions on staging."
        },
        "scrub": {
          "$ref": "#/definitions/scrub",
          "default": {}
        },
        "blockHttp": {
          "enum": [
            "auto",
            true,
            false
          ],
          "default": "auto",
          "description": "Blocks HTTP requests of staging to other hosts, allowHttp and api.wordpress.org excepted. `auto`: everything for shops, everything but reads (GET, HEAD) for other sites; `true`: everything; `false`: nothing."
        },
        "allowHttp": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "host-pattern"
          },
          "default": [],
          "description": "Hosts that staging may talk to all the same; `*.` in front for all below.",
          "examples": [
            [
              "api.wordpress.org",
              "*.example-payments.test"
            ]
          ]
        },
        "outside": {
          "enum": [
            "disable",
            "report"
          ],
          "default": "disable",
          "description": "Plugins that act on production's accounts elsewhere (payments, mailing lists, buckets, caches; docs/outside-accounts.md). `disable`: switched off in the copy where they have a switch, reported else. `report`: reported."
        },
        "maintenance": {
          "title": "StagingMaintenance",
          "description": "Programs that turn a maintenance page on and off, for sites that are not WordPress. They run in the document root; no shell is involved.",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "on",
            "off"
          ],
          "properties": {
            "on": {
              "type": "array",
              "minItems": 1,
              "items": {
                "type": "string",
                "minLength": 1,
                "format": "argument"
              },
              "description": "Program and arguments that turn the page on.",
              "examples": [
                [
                  "php",
                  "bin/page",
                  "down"
                ]
              ]
            },
            "off": {
              "type": "array",
              "minItems": 1,
              "items": {
                "type": "string",
                "minLength": 1,
                "format": "argument"
              },
              "description": "Program and arguments that turn the page off.",
              "examples": [
                [
                  "php",
                  "bin/page",
                  "up"
                ]
              ]
            }
          }
        },
        "portainer": {
          "$ref": "#/definitions/portainer"
        }
      }
    },
    "scrub": {
      "title": "Scrub",
      "description": "Personal data that is replaced before the copy goes live.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "users": {
          "type": "boolean",
          "default": false,
          "description": "Names, e-mail addresses and passwords of users, except those in `keepUsers`."
        },
        "comments": {
          "type": "boolean",
          "default": false,
          "description": "Names, e-mail and IP addresses of commenters."
        },
        "orders": {
          "type": "boolean",
          "default": false,
          "description": "Names, addresses and e-mail of WooCommerce orders."
        },
        "columns": {
          "type": "object",
          "propertyNames": {
            "format": "column-name"
          },
          "additionalProperties": {
            "enum": [
              "null",
              "empty",
              "email",
              "name",
              "hash"
            ]
          },
          "default": {},
          "description": "`table.column` (table without prefix) → what is put there: `null` (in quotes), `empty`, `email`, `name`, `hash`.",
          "examples": [
            {
              "newsletter.email": "email"
            }
          ]
        },
        "sql": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "relative-path"
          },
          "default": [],
          "description": "SQL files, relative to the site file, that run in the new database before it goes live.",
          "examples": [
            [
              "acme-scrub.sql"
            ]
          ]
        }
      }
    },
    "portainer": {
      "title": "Portainer",
      "description": "Restarts the stack after a sync. Exactly one of `webhook` and `api`.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "webhook": {
          "$ref": "#/definitions/secret",
          "description": "The stack's webhook address; whoever has it can restart the stack, so it is a secret.",
          "examples": [
            {
              "credential": "acme-portainer-webhook"
            }
          ]
        },
        "api": {
          "title": "PortainerApi",
          "description": "Portainer's API, where there is no webhook.",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "url",
            "endpoint",
            "stack",
            "token"
          ],
          "properties": {
            "url": {
              "type": "string",
              "format": "web-url",
              "description": "Address of Portainer.",
              "examples": [
                "https://portainer.acme.net"
              ]
            },
            "endpoint": {
              "type": "integer",
              "minimum": 1,
              "description": "Number of the environment.",
              "examples": [
                2
              ]
            },
            "stack": {
              "type": "integer",
              "minimum": 1,
              "description": "Number of the stack.",
              "examples": [
                17
              ]
            },
            "token": {
              "$ref": "#/definitions/secret",
              "description": "Access token.",
              "examples": [
                {
                  "credential": "portainer-token"
                }
              ]
            }
          }
        }
      }
    },
    "content": {
      "title": "Content",
      "description": "Which files are copied, and how.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "exclude": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "file-pattern"
          },
          "default": [],
          "description": "rsync patterns that are never sent and never deleted; a slash in front anchors them at the document root.",
          "examples": [
            [
              "/wp-content/cache/",
              "*.log"
            ]
          ]
        },
        "media": {
          "title": "Media",
          "type": [
            "array",
            "object"
          ],
          "items": {
            "type": "string",
            "format": "relative-path"
          },
          "additionalProperties": false,
          "properties": {
            "mode": {
              "enum": [
                "excluded",
                "sync",
                "read-through"
              ],
              "default": "excluded",
              "description": "`excluded`: the media folders are never sent and never deleted, for media on S3 or a CDN. `sync`: they are copied like all files. `read-through` (WordPress): they stay away, and staging answers a missing file with a redirect to production's."
            },
            "folders": {
              "type": "array",
              "items": {
                "type": "string",
                "format": "relative-path"
              },
              "description": "Media folders, relative to the document root. Without it: `wp-content/uploads` for WordPress, none for other sites.",
              "examples": [
                [
                  "wp-content/uploads"
                ]
              ]
            }
          },
          "description": "What becomes of the media folders (docs/media.md). A list is a short way of writing the folders, which are then excluded.",
          "examples": [
            {
              "mode": "read-through"
            },
            [
              "wp-content/uploads"
            ]
          ]
        },
        "keepOnStaging": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "file-pattern"
          },
          "default": [],
          "description": "rsync patterns of files that are staging's own, besides wp-config.php, .htaccess, .env, robots.txt and object-cache.php, which always are.",
          "examples": [
            [
              "/wp-content/mu-plugins/staging-banner.php"
            ]
          ]
        },
        "apply": {
          "enum": [
            "staged",
            "immediate"
          ],
          "default": "staged",
          "description": "`staged`: changed files wait beside the live tree and are put in place together with the database. `immediate`: rsync writes into the live tree, which is then not protected against a failed run."
        },
        "maxDeletePercent": {
          "type": "integer",
          "minimum": 0,
          "maximum": 100,
          "default": 25,
          "description": "Share of staging's files that one run may delete, in percent."
        },
        "strict": {
          "type": "boolean",
          "default": false,
          "description": "A `.git`, `.svn` or `.hg` folder that is found on a server is an error instead of a warning."
        },
        "route": {
          "enum": [
            "tunnel",
            "direct"
          ],
          "default": "tunnel",
          "description": "How production reaches staging. `tunnel`: through the runner's own connections. `direct`: by itself."
        },
        "checksum": {
          "type": "boolean",
          "default": false,
          "description": "Files are compared by what is in them, not by size and time; every sync then reads both trees whole. For sites whose builds give changed files the size and time that they had."
        }
      }
    },
    "databaseOptions": {
      "title": "DatabaseOptions",
      "description": "How the database is copied.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "mode": {
          "enum": [
            "auto",
            "swap",
            "replace"
          ],
          "default": "auto",
          "description": "`swap`: import beside the live database, then exchange them in a moment. `replace`: behind a maintenance page. `auto`: swap where the account may."
        },
        "tool": {
          "enum": [
            "mysqldump",
            "mydumper"
          ],
          "default": "mysqldump",
          "description": "Program that makes the backup. mydumper stops production's writes for a moment."
        },
        "structureOnly": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "table-pattern"
          },
          "default": [],
          "description": "Tables (with prefix; `*` and `?` allowed) that are copied without their rows.",
          "examples": [
            [
              "wp_actionscheduler_logs"
            ]
          ]
        },
        "alsoInSchema": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "table-pattern"
          },
          "default": [],
          "description": "Tables of the database without the site's prefix (`*` and `?` allowed) that are copied and replaced all the same. Without a decision about such tables nothing is copied.",
          "examples": [
            [
              "legacy_*"
            ]
          ]
        },
        "exclude": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "table-pattern"
          },
          "default": [],
          "description": "Tables and views of production (with prefix; `*` and `?` allowed) that are not copied at all, such as those of another application in the same database.",
          "examples": [
            [
              "crm_*"
            ]
          ]
        },
        "connections": {
          "type": "integer",
          "minimum": 1,
          "maximum": 16,
          "default": 4,
          "description": "Connections that the import uses at once."
        }
      }
    },
    "rewrite": {
      "title": "Rewrite",
      "description": "How URLs are rewritten (WordPress). The two site URLs are always rewritten, in every spelling and encoding.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "pairs": {
          "type": "array",
          "default": [],
          "description": "Additional replacements.",
          "examples": [
            [
              {
                "from": "https://shop.acme.com",
                "to": "https://shop-staging.acme.com"
              }
            ]
          ],
          "items": {
            "title": "RewritePair",
            "type": "object",
            "additionalProperties": false,
            "required": [
              "from",
              "to"
            ],
            "properties": {
              "from": {
                "type": "string",
                "minLength": 4,
                "description": "What production has."
              },
              "to": {
                "type": "string",
                "description": "What staging gets."
              },
              "kind": {
                "enum": [
                  "url",
                  "host",
                  "path",
                  "text"
                ],
                "default": "url",
                "description": "`url`, `host` and `path` are matched as whole names in every encoding; `text` as it is written."
              }
            }
          }
        },
        "skip": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "column-pattern"
          },
          "default": [],
          "description": "`table.column` (table without prefix; `*` and `?` allowed) that is not touched.",
          "examples": [
            [
              "statistics.*"
            ]
          ]
        },
        "allowLeaks": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "column-pattern"
          },
          "default": [],
          "description": "`table.column` in which production's host may be left.",
          "examples": [
            [
              "posts.guid"
            ]
          ]
        },
        "base64": {
          "enum": [
            "report",
            "rewrite"
          ],
          "default": "report",
          "description": "Base64 values that hold production's URL."
        },
        "network": {
          "type": "object",
          "propertyNames": {
            "format": "network-site"
          },
          "additionalProperties": {
            "type": "string",
            "format": "network-site"
          },
          "default": {},
          "description": "Multisite: production's `host[/folder]` → staging's, for every site of the network that the two site URLs do not cover.",
          "examples": [
            {
              "shop.acme.com": "shop.staging.acme.com"
            }
          ]
        },
        "onPageLeak": {
          "enum": [
            "keep",
            "roll-back"
          ],
          "default": "keep",
          "description": "What happens when a page of the new copy still names production: keep it and fail, or roll back."
        }
      }
    },
    "run": {
      "title": "Run",
      "description": "How runs behave.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "resumeWithin": {
          "type": "string",
          "format": "duration",
          "default": "24h",
          "description": "A later stage continues an unfinished run that is younger than this."
        },
        "lease": {
          "type": "string",
          "format": "duration",
          "default": "30m",
          "description": "How long the lock of a run lasts between two stages."
        },
        "heartbeat": {
          "type": "string",
          "format": "duration",
          "default": "2m",
          "description": "A running process that gives staging no sign of life for this long loses the lock and stops; it gives one four times as often."
        },
        "stageTimeout": {
          "type": "string",
          "format": "duration",
          "default": "6h",
          "description": "Time limit of one stage."
        },
        "keepBackups": {
          "type": "integer",
          "minimum": 1,
          "maximum": 100,
          "default": 2,
          "description": "Backups of production's database that are kept on staging."
        }
      }
    },
    "updatePolicy": {
      "title": "UpdatePolicy",
      "description": "Which of them are updated.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "exclude": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "slug"
          },
          "default": [],
          "description": "Slugs that are never updated.",
          "examples": [
            [
              "revslider"
            ]
          ]
        },
        "pin": {
          "type": "object",
          "propertyNames": {
            "format": "slug"
          },
          "additionalProperties": {
            "type": "string",
            "format": "word"
          },
          "default": {},
          "description": "Slug → version that is installed and not left. Put versions in quotes.",
          "examples": [
            {
              "woocommerce": "9.3.3"
            }
          ]
        },
        "securityOnly": {
          "type": "boolean",
          "default": false,
          "description": "Only updates that stay within the same minor version (`5.3.x`), where security releases come. No list of advisories is asked; what was left for this reason stands in the report."
        }
      }
    },
    "pagePath": {
      "type": "string",
      "format": "page-path",
      "description": "Path of the page, beginning with a slash.",
      "examples": [
        "/contact/"
      ]
    },
    "maintenance": {
      "title": "Maintenance",
      "description": "Updates, checks, approval and promotion (`maintainSite`).",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "schedule": {
          "type": "string",
          "default": "",
          "format": "schedule",
          "description": "Jenkins cron text for the maintenance job. Put it in quotes.",
          "examples": [
            "H 4 5 * *"
          ]
        },
        "core": {
          "enum": [
            "minor",
            "major",
            "none"
          ],
          "default": "minor",
          "description": "WordPress itself: within `6.5.x`, to the newest version, or not at all."
        },
        "plugins": {
          "$ref": "#/definitions/updatePolicy",
          "default": {}
        },
        "themes": {
          "$ref": "#/definitions/updatePolicy",
          "default": {}
        },
        "translations": {
          "type": "boolean",
          "default": true,
          "description": "Translations are updated too."
        },
        "checks": {
          "$ref": "#/definitions/checks",
          "default": {}
        },
        "approve": {
          "title": "Approve",
          "description": "Who lets the updates go to production.",
          "type": "object",
          "additionalProperties": false,
          "default": {},
          "properties": {
            "policy": {
              "enum": [
                "person",
                "when-green"
              ],
              "default": "person",
              "description": "`person`: somebody approves in Jenkins. `when-green`: approved when every check passed and nothing was rolled back."
            },
            "timeout": {
              "type": "string",
              "format": "duration",
              "default": "24h",
              "description": "How long staging waits for an approval."
            },
            "by": {
              "type": "array",
              "items": {
                "type": "string",
                "format": "login"
              },
              "default": [],
              "description": "Jenkins users and groups that may approve. Empty: everybody who may build the job.",
              "examples": [
                [
                  "web-team"
                ]
              ]
            },
            "people": {
              "type": "object",
              "default": {},
              "description": "Jenkins user → name and address. The report and the commit's co-author then name the person instead of the login.",
              "propertyNames": {
                "format": "login"
              },
              "additionalProperties": {
                "type": "string",
                "maxLength": 200,
                "format": "person"
              },
              "examples": [
                {
                  "ada": "Ada Lovelace <ada@acme.com>"
                }
              ]
            }
          }
        },
        "promote": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "relative-path"
          },
          "default": [],
          "description": "Further code that is promoted besides core, plugins and themes, relative to the document root.",
          "examples": [
            [
              "wp-content/mu-plugins",
              "assets"
            ]
          ]
        },
        "cloudfront": {
          "title": "CloudFront",
          "description": "Distribution that is invalidated after a promotion, with the runner's `aws` program.",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "distribution"
          ],
          "properties": {
            "distribution": {
              "type": "string",
              "format": "word",
              "description": "Id of the distribution.",
              "examples": [
                "E2EXAMPLE1"
              ]
            },
            "paths": {
              "type": "array",
              "minItems": 1,
              "items": {
                "type": "string",
                "format": "page-path"
              },
              "default": [
                "/*"
              ],
              "description": "Paths that are invalidated."
            }
          }
        },
        "wp": {
          "type": "string",
          "pattern": "^/?[A-Za-z0-9_][A-Za-z0-9_./+-]*$",
          "default": "wp",
          "description": "WP-CLI on staging, where PHP runs (in the container, if there is one): a program on the PATH, or its absolute path.",
          "examples": [
            "/usr/local/bin/wp"
          ]
        },
        "header": {
          "title": "CheckHeader",
          "description": "Secret header by which a firewall knows Understudy's own requests.",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "value"
          ],
          "properties": {
            "name": {
              "type": "string",
              "format": "header-name",
              "default": "X-Understudy",
              "description": "Name of the header."
            },
            "value": {
              "$ref": "#/definitions/secret",
              "description": "Its value.",
              "examples": [
                {
                  "credential": "acme-waf-header"
                }
              ]
            }
          }
        },
        "window": {
          "title": "Window",
          "description": "When production may be changed.",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "from",
            "to"
          ],
          "properties": {
            "days": {
              "type": "array",
              "minItems": 1,
              "items": {
                "enum": [
                  "mon",
                  "tue",
                  "wed",
                  "thu",
                  "fri",
                  "sat",
                  "sun"
                ]
              },
              "default": [
                "mon",
                "tue",
                "wed",
                "thu"
              ],
              "description": "Days on which it begins."
            },
            "from": {
              "type": "string",
              "format": "clock",
              "description": "Begin, `HH:MM`, in quotes.",
              "examples": [
                "02:00"
              ]
            },
            "to": {
              "type": "string",
              "format": "clock",
              "description": "End, `HH:MM`, in quotes; an earlier time is on the next day.",
              "examples": [
                "05:00"
              ]
            },
            "timezone": {
              "type": "string",
              "format": "timezone",
              "default": "UTC",
              "description": "Name of the time zone.",
              "examples": [
                "Europe/Berlin"
              ]
            }
          }
        },
        "freeze": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "date-range"
          },
          "default": [],
          "description": "Days on which nothing is promoted: `YYYY-MM-DD` or `YYYY-MM-DD/YYYY-MM-DD`, in quotes.",
          "examples": [
            [
              "2026-12-15/2027-01-06"
            ]
          ]
        },
        "instanceRefresh": {
          "type": "boolean",
          "default": false,
          "description": "Starts an instance refresh of the Auto Scaling group after a promotion."
        },
        "instancesBootFrom": {
          "enum": [
            "image",
            "archive",
            "repository"
          ],
          "description": "What new instances of the group take their code from: a machine image, the archive's file system, or the repository. An instance refresh starts when that has the promoted code; without this key after the last step that the site file has."
        }
      }
    },
    "checks": {
      "title": "Checks",
      "description": "What has to work after each update and after a promotion.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "paths": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/pagePath"
          },
          "default": [
            "/"
          ],
          "description": "Pages that are looked at.",
          "examples": [
            [
              "/",
              "/shop/",
              "/contact/"
            ]
          ]
        },
        "discover": {
          "type": "boolean",
          "default": true,
          "description": "Looks at found pages too: sitemap, one of each post type, shop, login, feed, REST."
        },
        "maxPages": {
          "type": "integer",
          "minimum": 1,
          "maximum": 500,
          "default": 25,
          "description": "Pages at most."
        },
        "slowerThan": {
          "type": "string",
          "format": "duration",
          "default": "20s",
          "description": "A page that takes longer fails."
        },
        "text": {
          "type": "array",
          "default": [],
          "description": "Text that pages must or must not hold.",
          "examples": [
            [
              {
                "path": "/",
                "must": [
                  "Welcome"
                ],
                "mustNot": [
                  "Fatal error"
                ]
              }
            ]
          ],
          "items": {
            "title": "TextCheck",
            "type": "object",
            "additionalProperties": false,
            "required": [
              "path"
            ],
            "properties": {
              "path": {
                "$ref": "#/definitions/pagePath"
              },
              "must": {
                "type": "array",
                "items": {
                  "type": "string",
                  "minLength": 1
                },
                "default": [],
                "description": "Texts that must be there."
              },
              "mustNot": {
                "type": "array",
                "items": {
                  "type": "string",
                  "minLength": 1
                },
                "default": [],
                "description": "Texts that must not be there."
              }
            }
          }
        },
        "forms": {
          "type": "array",
          "default": [],
          "description": "Forms that must be there.",
          "examples": [
            [
              {
                "path": "/contact/",
                "selector": "form.wpcf7-form"
              }
            ]
          ],
          "items": {
            "title": "FormCheck",
            "type": "object",
            "additionalProperties": false,
            "required": [
              "path"
            ],
            "properties": {
              "path": {
                "$ref": "#/definitions/pagePath"
              },
              "selector": {
                "type": "string",
                "minLength": 1,
                "default": "form",
                "description": "CSS selector of the form."
              }
            }
          }
        },
        "screenshots": {
          "title": "Screenshots",
          "description": "Pictures before and after, compared pixel by pixel.",
          "type": "object",
          "additionalProperties": false,
          "default": {},
          "properties": {
            "enabled": {
              "type": "boolean",
              "default": true,
              "description": "Makes pictures where the runner has a Chromium."
            },
            "width": {
              "type": "integer",
              "minimum": 200,
              "maximum": 4000,
              "default": 1280,
              "description": "Width of the window in pixels."
            },
            "threshold": {
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "default": 1,
              "description": "Share of pixels that may differ, in percent."
            },
            "mask": {
              "type": "array",
              "default": [],
              "description": "Regions that are not compared: by CSS selector, or by a rectangle.",
              "examples": [
                [
                  {
                    "selector": ".slider"
                  },
                  {
                    "path": "/",
                    "x": 0,
                    "y": 0,
                    "width": 1280,
                    "height": 90
                  }
                ]
              ],
              "items": {
                "title": "Mask",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                  "path": {
                    "$ref": "#/definitions/pagePath",
                    "description": "Page it is for. Without it: all."
                  },
                  "selector": {
                    "type": "string",
                    "minLength": 1,
                    "description": "CSS selector of what is covered."
                  },
                  "x": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Left edge in pixels."
                  },
                  "y": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Upper edge in pixels."
                  },
                  "width": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "Width in pixels."
                  },
                  "height": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "Height in pixels."
                  }
                }
              }
            }
          }
        }
      }
    },
    "archive": {
      "title": "Archive",
      "description": "The folder (EFS) that holds the code which goes to GitHub.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "path"
      ],
      "properties": {
        "ssh": {
          "$ref": "#/definitions/ssh",
          "description": "Machine on which the folder is mounted. Without it: the runner's own machine."
        },
        "path": {
          "type": "string",
          "format": "document-root",
          "description": "The site's folder on it: absolute.",
          "examples": [
            "/mnt/efs/acme"
          ]
        },
        "workDir": {
          "$ref": "#/definitions/workDir"
        },
        "exclude": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "file-pattern"
          },
          "default": [],
          "description": "rsync patterns that are not archived, besides secrets, uploads and caches, which never are.",
          "examples": [
            [
              "/wp-content/ai1wm-backups/"
            ]
          ]
        }
      }
    },
    "publish": {
      "title": "Publish",
      "description": "The GitHub repository that gets a commit from the archive.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "repository",
        "author"
      ],
      "properties": {
        "repository": {
          "type": "string",
          "format": "repository-url",
          "description": "Address of the repository: `git@host:owner/name.git`, `ssh://…` or `https://…`.",
          "examples": [
            "git@github.com:acme/website.git"
          ]
        },
        "branch": {
          "type": "string",
          "format": "git-name",
          "default": "main",
          "description": "Branch that gets the commit."
        },
        "mode": {
          "enum": [
            "commit",
            "pull-request"
          ],
          "default": "commit",
          "description": "Pushes to the branch, or to a branch of its own with a pull request."
        },
        "commits": {
          "enum": [
            "one",
            "per-item"
          ],
          "default": "one",
          "description": "One commit per run, or one per updated item."
        },
        "author": {
          "title": "Author",
          "description": "Who the commits are by. The approver is named as co-author.",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "name",
            "email"
          ],
          "properties": {
            "name": {
              "type": "string",
              "format": "person-name",
              "description": "Name.",
              "examples": [
                "Acme maintenance"
              ]
            },
            "email": {
              "type": "string",
              "format": "email-address",
              "description": "E-mail address.",
              "examples": [
                "web@acme.com"
              ]
            }
          }
        },
        "tag": {
          "type": "string",
          "format": "git-tag",
          "default": "",
          "description": "Tag that is set; `{date}` and `{run}` are filled in. Empty: none.",
          "examples": [
            "maintenance-{date}"
          ]
        },
        "key": {
          "$ref": "#/definitions/secretKey",
          "description": "Deploy key, for an SSH address.",
          "examples": [
            {
              "credential": "acme-deploy-key"
            }
          ]
        },
        "hostKey": {
          "$ref": "#/definitions/hostKey"
        },
        "knownHosts": {
          "$ref": "#/definitions/knownHosts"
        },
        "token": {
          "$ref": "#/definitions/secret",
          "description": "Access token, for an https address and for pull requests.",
          "examples": [
            {
              "credential": "acme-github-token"
            }
          ]
        },
        "allowSecrets": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "file-pattern"
          },
          "default": [],
          "description": "Patterns of files in which something that looks like a secret is harmless; rsync's syntax.",
          "examples": [
            [
              "/wp-content/plugins/acme-payments/tests/"
            ]
          ]
        },
        "api": {
          "type": "string",
          "format": "web-url",
          "description": "Address of the GitHub API, for pull requests. Without it: `https://api.github.com`, or `https://<host>/api/v3` for a GitHub Enterprise Server.",
          "examples": [
            "https://github.acme.com/api/v3"
          ]
        }
      }
    },
    "notify": {
      "title": "Notify",
      "description": "A message when a run ends or waits for an approval. At least one of `slack`, `teams`, `email` and `webhook`.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "slack": {
          "$ref": "#/definitions/secret",
          "description": "Address of an incoming webhook of Slack.",
          "examples": [
            {
              "credential": "slack-webhook"
            }
          ]
        },
        "teams": {
          "$ref": "#/definitions/secret",
          "description": "Address of a Teams workflow that begins when a webhook request is received.",
          "examples": [
            {
              "credential": "teams-webhook"
            }
          ]
        },
        "email": {
          "title": "NotifyEmail",
          "description": "Mail by SMTP.",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "host",
            "from",
            "to"
          ],
          "properties": {
            "host": {
              "type": "string",
              "format": "host-name",
              "description": "The mail server.",
              "examples": [
                "smtp.example.com"
              ]
            },
            "port": {
              "type": "integer",
              "minimum": 1,
              "maximum": 65535,
              "description": "Its port. Default: 465 with `security: tls`, else 587."
            },
            "security": {
              "enum": [
                "starttls",
                "tls",
                "none"
              ],
              "default": "starttls",
              "description": "How the connection is protected; the server's certificate is verified. With `none` there can be no login."
            },
            "login": {
              "$ref": "#/definitions/secretLogin",
              "description": "User and password, where the server wants them.",
              "examples": [
                {
                  "credential": "smtp-login"
                }
              ]
            },
            "from": {
              "type": "string",
              "minLength": 3,
              "maxLength": 300,
              "description": "Who it comes from.",
              "examples": [
                "Understudy <understudy@example.com>"
              ]
            },
            "to": {
              "type": "array",
              "minItems": 1,
              "items": {
                "type": "string",
                "minLength": 3,
                "maxLength": 300
              },
              "description": "Who gets it.",
              "examples": [
                [
                  "ops@example.com"
                ]
              ]
            }
          }
        },
        "webhook": {
          "$ref": "#/definitions/secret",
          "description": "Address that gets a JSON document by POST: `event`, `site`, `title`, `run`, `headline`, `next`, `link`, and `text` in Slack's form.",
          "examples": [
            {
              "credential": "chat-webhook"
            }
          ]
        },
        "onlyChanges": {
          "type": "boolean",
          "default": false,
          "description": "No message when a run ends as the one before it did: the second failure in a row, or the second success."
        },
        "on": {
          "type": "array",
          "items": {
            "enum": [
              "success",
              "failure",
              "approval",
              "recovered"
            ]
          },
          "default": [
            "failure",
            "approval"
          ],
          "description": "When a message is sent."
        }
      }
    }
  }
};
