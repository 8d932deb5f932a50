// Draws [data-chart='{"labels": […], "series": [{"name", "pattern", "color", "values", "links"}]}'] as stacked bars.
//
// Colour is never alone: one series is solid, the other striped, and the same numbers stand in a table below.
import { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip } from 'chart.js';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Legend, Tooltip);

const COLOURS = { stripes: ['#c48a00', '#745000'], solid: ['#a8170d', '#7d0f07'] };
const TILE = 8;

function stripes(colour) {
  const tile = document.createElement('canvas');
  tile.width = TILE;
  tile.height = TILE;
  const pen = tile.getContext('2d');
  pen.fillStyle = '#fff2cf';
  pen.fillRect(0, 0, TILE, TILE);
  pen.strokeStyle = colour;
  pen.lineWidth = 2.5;
  for (const shift of [-TILE, 0, TILE]) {
    pen.beginPath();
    pen.moveTo(shift, TILE);
    pen.lineTo(shift + TILE, 0);
    pen.stroke();
  }
  return pen.createPattern(tile, 'repeat');
}

function dataset({ name, pattern, values }) {
  const [colour, edge] = COLOURS[pattern];
  return {
    label: name,
    data: values,
    backgroundColor: pattern === 'stripes' ? stripes(colour) : colour,
    borderColor: edge,
    borderWidth: 1,
    maxBarThickness: 46,
  };
}

function draw(figure) {
  const { labels, series } = JSON.parse(figure.dataset.chart);
  const font = { family: getComputedStyle(document.body).fontFamily, size: 13 };
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches || matchMedia('print').matches;
  const chart = new Chart(figure.querySelector('canvas'), {
    type: 'bar',
    data: { labels, datasets: series.map(dataset) },
    options: {
      animation: still ? false : { duration: 250 },
      maintainAspectRatio: false,
      font,
      onClick: (_event, hits) => { if (hits.length) location.assign(series[hits[0].datasetIndex].links[hits[0].index]); },
      onHover: (event, hits) => { event.native.target.style.cursor = hits.length ? 'pointer' : ''; },
      scales: {
        x: { stacked: true, grid: { display: false }, ticks: { font, color: '#1b2733' } },
        y: { stacked: true, beginAtZero: true, ticks: { precision: 0, font, color: '#55626f' }, grid: { color: '#e3e8ee' } },
      },
      plugins: { legend: { position: 'top', align: 'end', labels: { font, color: '#1b2733', boxWidth: 28 } }, tooltip: { titleFont: font, bodyFont: font } },
    },
  });
  addEventListener('beforeprint', () => chart.resize());
  figure.dataset.ready = 'true';
}

document.addEventListener('DOMContentLoaded', () => document.querySelectorAll('[data-chart]').forEach(draw));
