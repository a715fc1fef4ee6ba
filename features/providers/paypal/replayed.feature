@webhooks @pci-6.2.4 @pci-10.2.2 @cwe-294 @asvs-V2.3.2 @asvs-V4.1.5 @wstg-BUSL-04
Feature: A recorded delivery of PayPal's stays what it was

  PayPal repeats a delivery for three days, so its age proves little within them. What was delivered once must do
  nothing the second time, and what is older than any repetition must not come in.

  @high @defect-W17 @defect-W27
  Scenario Outline: A delivery recorded <hours> hours ago undoes no refund
    Given a shopper who paid 49.99 EUR
    When the operator refunds the whole payment
    And the order is seen as refunded
    And an attacker replays the "payment succeeded" event of <hours> hours ago
    Then the order stays refunded
    And the order is fulfilled once
    And the books balance and agree with the provider

    Examples:
      | hours |
      | 1     |
      | 24    |
      | 71    |

  @medium @defect-W04 @defect-W05
  Scenario Outline: A delivery recorded <hours> hours ago is older than any repetition
    Given a shopper who paid 49.99 EUR
    When an attacker replays the "payment succeeded" event of <hours> hours ago
    Then the answer is a refusal, not an error of the server
    And the order stays paid
    And the order is fulfilled once

    Examples:
      | hours |
      | 96    |
      | 8760  |
