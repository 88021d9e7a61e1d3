(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("what-if-data").textContent);
  var controls = document.getElementById("what-if-controls");
  var status = document.getElementById("what-if");
  var word = document.getElementById("what-if-verdict");
  var cells = Array.prototype.slice.call(document.querySelectorAll("#what-if-figures [data-at]"));
  var bars = Array.prototype.slice.call(document.querySelectorAll("#what-if-bars [data-at]"));
  var fields = ["w-slots", "w-process", "w-fraction"].map(function (id) { return document.getElementById(id); });
  function show() {
    var wanted = fields.map(function (field) { return field.value; }).join(" ");
    var row = data.rows.find(function (row) { return row.key === wanted; });
    if (!row) { word.textContent = "not computed"; return; }
    status.className = row.verdict;
    word.textContent = row.words;
    cells.forEach(function (cell) { cell.textContent = row.figures[Number(cell.dataset.at)]; });
    bars.forEach(function (bar) { bar.style.width = row.shares[Number(bar.dataset.at)] + "%"; });
  }
  fields.forEach(function (field) { field.addEventListener("change", show); });
  controls.hidden = false;
  show();
})();
