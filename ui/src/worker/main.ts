import "../lib/base.css";
