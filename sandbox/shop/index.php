<?php
// The smallest site that is not WordPress: a page made from a database.
$config = require __DIR__ . '/config.php';
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$database = new mysqli($config['host'], $config['user'], $config['password'], $config['name'], $config['port']);
$database->set_charset('utf8mb4');
?>
<!doctype html>
<title><?= htmlspecialchars($config['title']) ?></title>
<h1><?= htmlspecialchars($config['title']) ?></h1>
<ul>
<?php foreach ($database->query('SELECT name, price, customers.email FROM products LEFT JOIN customers ON customers.id = products.customer ORDER BY products.id LIMIT 100') as $row) { ?>
  <li><?= htmlspecialchars($row['name']) ?>: <?= $row['price'] ?> <?= htmlspecialchars($row['email'] ?? '') ?></li>
<?php } ?>
</ul>
<p><?php require __DIR__ . '/version.php'; ?></p>
