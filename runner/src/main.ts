process.stdout.write('understudy\n');
