//! Every route of the product, mounted once for every worker.

use actix_web::web::{self, Data, ServiceConfig};

use super::bundle::api as bundle;
use super::doctor::api as doctor;
use super::house::House;
use super::{documentation, health, live, metrics, trust, ui};
use crate::config::shown::Shown;
use crate::platform::jobs;
use crate::web::Failure;
use crate::{access, backup, domain, interop, notify, watch};

/// Mounts all of it over `house`.
pub fn mount(config: &mut ServiceConfig, house: &House) {
    config
        .app_data(Data::new(house.desk.clone()))
        .app_data(house.custodian.clone())
        .app_data(house.retention.clone())
        .app_data(house.directory.clone())
        .app_data(house.shelves.clone())
        .app_data(house.imports.clone())
        .app_data(house.access.clone())
        .app_data(house.gate.clone())
        .app_data(house.known.clone())
        .app_data(house.bounds.clone())
        .app_data(house.limiter.clone())
        .app_data(house.proxies.clone())
        .app_data(house.body_limit.clone())
        .app_data(house.sums.clone())
        .app_data(Data::new(Shown::of(house.config())))
        .app_data(house.hosts.clone())
        .app_data(house.tls.clone())
        .app_data(Data::new(trust::Exposed(
            !house.config().listen.ip().to_canonical().is_loopback(),
        )))
        .app_data(house.hub.clone())
        .app_data(house.feed.clone())
        .app_data(house.metrics.clone())
        .app_data(house.machine.clone())
        .app_data(house.looks.clone())
        .app_data(house.bundles.clone())
        .app_data(house.lateness.clone())
        .app_data(house.jobs.clone())
        .app_data(house.shipping.clone())
        .app_data(house.turn.clone())
        .app_data(house.watching.clone())
        .app_data(house.listeners.clone());
    health::mount(config);
    metrics::mount(config);
    doctor::mount(config);
    bundle::mount(config);
    documentation::mount(config);
    trust::mount(config);
    access::api::mount(config);
    domain::mount(config);
    interop::import::api::mount(config);
    jobs::api::mount(config);
    notify::api::mount(config);
    backup::api::mount(config);
    watch::api::mount(config);
    live::mount(config);
    config.service(web::scope("/api").default_service(web::to(|| async {
        Err::<actix_web::HttpResponse, _>(Failure::not_found())
    })));
    ui::mount(config);
}
