//! What the API's document says of jobs and schedules.

use super::resource::{JOB, JOBS, SCHEDULE, SCHEDULES, WRITE};
use crate::platform::resource::describe::{Offered, Offers, id, type_name};
use crate::web::openapi::{Document, Operation, schema};

/// Describes them.
pub fn describe(document: &mut Document) {
    document.tag(JOBS.path, "What the server does in the background.");
    document.tag(SCHEDULES.path, "When it does what by the hospital's clock.");
    document.codes(409, &["jobs.not_ended", "jobs.ended", "jobs.at_work"]);
    Offered::new(&JOBS, Offers::Reads).describe(document);
    Offered::new(&SCHEDULES, Offers::Amend).describe(document);
    let job = || schema::data(schema::reference(&type_name(JOB)));
    let retry = Operation::new(JOBS.path, "retryJob", "Try a job again that came to nothing")
        .needs(WRITE)
        .answers(200, "It waits", job())
        .refuses(&[409]);
    let cancel = Operation::new(JOBS.path, "cancelJob", "Cancel a job")
        .detail("One that runs ends at its next step.")
        .needs(WRITE)
        .answers(200, "As it stands now", job())
        .refuses(&[409]);
    for (path, operation) in
        [("/api/v1/jobs/{id}/retry", retry), ("/api/v1/jobs/{id}/cancel", cancel)]
    {
        document.add("post", path, operation);
        document.id(path, &id(JOB));
    }
    let ordered = schema::data(schema::object(vec![("id", id(JOB), true)]));
    let run = Operation::new(SCHEDULES.path, "runSchedule", "Do now what comes by the clock")
        .needs(WRITE)
        .answers(202, "It was ordered; the job says how it goes", ordered)
        .header(202, "Location")
        .refuses(&[409]);
    let path = "/api/v1/schedules/{id}/run";
    document.add("post", path, run);
    document.id(path, &id(SCHEDULE));
}
